import { instance } from 'module-as-script'
import type { SessionOptions } from './index.js'
import { createSession } from './index.js'

type Core = NonNullable<SessionOptions['core']>

/** Milliseconds in which a phone loads the module, or never does. The script decides the same, so an early end costs nothing. */
const PATIENCE = 1000

declare const WXWebAssembly: { instantiate: Core }
declare const TTWebAssembly: { instantiate: Core }

/** The module as a script. Each call makes an instance of its own. */
export const plain: Core = () => ({ exports: instance() })

/** The module where WebAssembly runs. The script where it is missing, refuses the module or never answers. */
const wherePossible: Core = (path, imports) =>
  new Promise((resolve) => {
    const giveUp = () => resolve(plain(path, imports))
    const loader =
      typeof WXWebAssembly !== 'undefined' ? WXWebAssembly : typeof TTWebAssembly !== 'undefined' && TTWebAssembly
    if (!loader) {
      giveUp()
      return
    }
    const timer = setTimeout(giveUp, PATIENCE)
    new Promise<any>((settle) => settle(loader.instantiate(path, imports)))
      .then((loaded) => ((loaded.instance || loaded).exports ? resolve(loaded) : giveUp()))
      .catch(giveUp)
      .then(() => clearTimeout(timer))
  })

// Every session takes this one, unless it is given a core of its own.
;(createSession as { core?: Core }).core = wherePossible
