// The demonstration writes this module when it starts.

/** The URL of the demonstration's server. */
export const api: string

/** What the names of this phone's calls begin with. */
export const phone: string

/** Whether this phone signs its requests. */
export const isSigned: boolean
