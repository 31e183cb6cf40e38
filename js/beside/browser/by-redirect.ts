import type { RedirectLogin } from '../../browser'

/** What is kept while the page is away. */
interface Away {
  state: string
  /** Where the user was. */
  url: string
  /** In milliseconds since 1970. */
  left: number
  /** How many times in a minute the page has gone already. */
  times: number
}

const KEY = 'wxsession-redirect'

/** A server that refuses each code would send the page to and fro for ever: at most so many times in so many milliseconds. */
const enum Limit {
  Times = 3,
  Period = 60000,
}

/** A sign-in for which the page goes to another site, which sends it back with a code. */
export function byRedirect(authorize: (back: string, state: string) => string): RedirectLogin {
  let brought = broughtBack()
  const login = async () => {
    const { code, error } = brought
    brought = {}
    if (code) {
      return code
    }
    if (error) {
      throw Error(error)
    }
    const now = Date.now()
    const last = away()
    const times = now - last.left < Limit.Period ? last.times + 1 : 1
    if (times > Limit.Times) {
      throw Error('each code was refused: ask the server why')
    }
    const state = crypto.getRandomValues(new Uint32Array(4)).join('')
    const url = location.href
    keep({ state, url, left: now, times })
    location.assign(authorize(url.split('#')[0] as string, state))
    // The page is about to go.
    return new Promise<string>(() => {})
  }
  return Object.assign(login, { isBack: Boolean(brought.code) })
}

/** What the other site has sent the page back with. A code that was not asked for here may be a stranger's. */
function broughtBack(): { code?: string | null; error?: string | null } {
  const given = new URLSearchParams(location.search)
  const last = away()
  const { state, url } = last
  if (!state || given.get('state') !== state) {
    return {}
  }
  keep(Object.assign(last, { state: '' }))
  // A code works once, so it must not stay in the address.
  history.replaceState(history.state, '', url)
  return { code: given.get('code'), error: given.get('error') || 'no code came back' }
}

function keep(away: Away): void {
  sessionStorage.setItem(KEY, JSON.stringify(away))
}

function away(): Away {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) as string) || {}
  } catch (error) {
    return {} as Away
  }
}
