// The demonstration writes this module when it starts.

/** The URL of the demonstration's server. */
export const api: string
