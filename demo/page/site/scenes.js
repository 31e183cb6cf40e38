/* The scenes in order, each with the fewest calls that it takes. */

/** @typedef {{logins: number, exchanges: number, requests: number, refusals: number, answers: number, lost?: number}} Counts */

const counts = (logins, exchanges, requests, refusals, answers) => ({ logins, exchanges, requests, refusals, answers })

/** Scenes in which another client does the same beside ours. @type {Array<{name: string, least: Counts}>} */
const RACES = [
  { name: 'cold', least: counts(1, 1, 21, 0, 20) },
  { name: 'late', least: counts(1, 1, 41, 20, 20) },
  { name: 'expire', least: counts(1, 1, 41, 20, 20) },
]

/** @type {Array<{name: string, least: Counts}>} */
const SESSIONS = [
  { name: 'restart', least: counts(0, 0, 6, 0, 6) },
  { name: 'revoke', least: counts(0, 0, 6, 6, 0) },
  { name: 'replace', least: counts(0, 0, 6, 6, 0) },
  { name: 'busy', least: counts(1, 2, 8, 0, 6) },
  { name: 'store', least: counts(0, 0, 12, 0, 6) },
  { name: 'offline', least: counts(0, 0, 13, 0, 6) },
  { name: 'slow', least: counts(1, 1, 7, 0, 6) },
  { name: 'abort', least: counts(1, 1, 4, 0, 3) },
  { name: 'storage', least: counts(2, 2, 14, 0, 12) },
  { name: 'clock', least: counts(2, 2, 14, 0, 12) },
]

/** @type {Array<{name: string, least: Counts}>} */
const ACCOUNTS = [
  { name: 'register', least: counts(3, 3, 6, 0, 3) },
  { name: 'password', least: counts(2, 2, 6, 2, 3) },
  { name: 'guess', least: counts(7, 7, 8, 6, 1) },
  { name: 'taken', least: counts(2, 1, 4, 2, 2) },
  { name: 'users', least: counts(2, 2, 9, 0, 7) },
]

/** @type {Array<{name: string, least: Counts}>} */
const THEFT = [{ name: 'thief', least: counts(0, 0, 4, 5, 3) }]

export const GROUPS = { races: RACES, theft: THEFT, sessions: SESSIONS, accounts: ACCOUNTS }

/** All scenes, in the order of the page. */
const ALL = Object.values(GROUPS).flat()

export const SCENES = ALL.map(({ name }) => name)

/** The clients that can race beside ours. */
export const RIVALS = ['hand-written', 'alova', 'luch-request']

export const isRace = (name) => RACES.some((scene) => scene.name === name)

/** A phone's first start is not a scene, but has a least too. */
const FIRST = { name: 'first', least: counts(1, 1, 2, 0, 1) }

/** @returns {Counts | undefined} */
export function leastOf(name) {
  const least = [FIRST, ...ALL].find((scene) => scene.name === name)?.least
  return least && isRace(name) ? { ...least, lost: 0 } : least
}
