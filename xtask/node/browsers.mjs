// What scripts for browsers may use besides what every engine of WeChat has.

/** The globals that such a script finds in a browser. */
export const OF_BROWSERS =
  `fetch Headers Response Blob FormData XMLHttpRequest WebSocket AbortController URL URLSearchParams
  localStorage sessionStorage location history crypto addEventListener removeEventListener`.split(/\s+/)

/**
 * Whether a script beside the package's own is for browsers alone.
 *
 * @param {string} name Without its extension.
 */
export const isForBrowsers = (name) => name === 'browser'
