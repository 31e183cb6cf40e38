import type { BrowserOptions, BrowserStorage, RedirectLogin } from '../../browser'

/** wx's storage in that of the browser. Where the browser has none, or forbids it, the session lasts as long as the page. */
export const storedIn = (given: BrowserStorage | undefined, login: BrowserOptions['login']) => {
  // Only reading the property may throw already.
  const storage = (): BrowserStorage => given || localStorage
  return {
    getStorageSync(key: string): unknown {
      const text = storage().getItem(key)
      const kept = text === null ? '' : JSON.parse(text)
      // The page left because the user asked for it, so a sign-out before that is over.
      return kept.ended && login && (login as RedirectLogin).isBack ? '' : kept
    },
    setStorageSync: (key: string, value: unknown): void => storage().setItem(key, JSON.stringify(value)),
    removeStorageSync: (key: string): void => storage().removeItem(key),
  }
}
