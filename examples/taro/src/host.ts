/** What the session calls in a mini program: WeChat itself, which is the default. Builds for browsers have `host.h5.ts`. */
export const host = undefined
