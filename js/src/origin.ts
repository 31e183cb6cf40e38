// Only an authority that no two parsers read differently: no user, no escapes, ASCII only.
const URL = /^(?:http|ws)(s?):\/\/([\w.-]+|\[[\w:.]+\])(?::(\d*))?(?![^/?#])/

/**
 * Scheme, host and port of an absolute URL, or an empty string. `wss` counts as `https` and `ws` as `http`, because the
 * session reaches the same server either way. It is the rule of `origin` in src/policy.rs; tests/tables/origins.json has
 * cases that both are held to.
 */
export function originOf(url: unknown): string {
  const [whole, secure, host, digits] = (typeof url === 'string' && (URL.exec(url) || RegExp(URL, 'i').exec(url))) || []
  const port = Number(digits || (secure ? 443 : 80))
  return whole && port < 65536 ? [secure, host, port].join().toLowerCase() : ''
}
