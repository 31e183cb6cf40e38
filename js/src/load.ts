import { SessionError } from './error'
import type { Module } from './module'
import type { Settings } from './options'

interface Loader {
  instantiate(path: string, imports: object): unknown
}
// WeChat and Douyin have one each, and both take a path in the program's package. (Douyin documents `.wasm.br` as of base
// library 2.92.0.0.)
declare const WXWebAssembly: Loader
declare const TTWebAssembly: Loader

/** Now and then a phone fails to instantiate a good module, and succeeds the next time. */
const enum Patience {
  Attempts = 3,
  /** Milliseconds between attempts. */
  Pause = 100,
  /** Milliseconds by which the deadline may be late, and for which a module behind a late deadline is waited for. */
  Late = 1000,
}

/** Loads the core of one session. Only the first settlement counts, so a module that arrives after the deadline is never used. */
export function load(settings: Settings): Promise<Module> {
  return new Promise((resolve, reject) => {
    const due = Date.now() + settings.loadTimeout + Patience.Late
    const late = () => reject(new SessionError('load_failed'))
    // A timer that runs late was in the background, where no answer comes. The module may be in the queue behind it.
    const timer = setTimeout(() => (Date.now() > due ? setTimeout(late, Patience.Late) : late()), settings.loadTimeout)
    instantiate(settings, Patience.Attempts)
      .then(resolve, reject)
      .then(() => clearTimeout(timer))
  })
}

function instantiate(settings: Settings, left: number): Promise<Module> {
  const loader = settings.core
    ? { instantiate: settings.core }
    : typeof WXWebAssembly !== 'undefined'
      ? WXWebAssembly
      : typeof TTWebAssembly !== 'undefined' && TTWebAssembly
  if (!loader) {
    return Promise.reject(new SessionError('unsupported'))
  }
  // By the typings this resolves to an instance, on phones to `{ instance, module }`. An exception becomes a rejection.
  return new Promise<any>((resolve) => resolve(loader.instantiate(settings.wasmPath, {})))
    .then((loaded) => {
      const { exports } = loaded.instance || loaded
      if (!exports) {
        throw loaded
      }
      return exports
    })
    .catch((given) => {
      if (left > 1) {
        return new Promise((resolve) => setTimeout(resolve, Patience.Pause)).then(() => instantiate(settings, left - 1))
      }
      throw given
    })
}
