import type { Session, SessionOptions, SessionState } from '../index'
import { credentialsIn, hint, isForced, wrong } from './arguments'
import { Call, type Kind } from './call'
import { PHASES, Phase, SIGNED_OUT, Want } from './codes'
import { Core } from './core'
import { SessionError } from './error'
import { Gate } from './gate'
import { WxHost } from './host'
import { load } from './load'
import { checked } from './options'
import { run } from './run'
import { Sending } from './sending'
import { SocketCall, SocketTask } from './socket'
import { Task } from './task'

/** A path without its slash. wx would say only that the URL is invalid. */
const LEADS_NOWHERE = /^[^:/?#\s]+([/?#]|$)/
type Class<Made> = new (kind: Kind, url: string, given: any, owner: Sending) => Made

/** `wxsession/plain` leaves the core here that is used where WebAssembly is missing. */
type Extensible = { core?: SessionOptions['core'] }

const keysInUse: { [key: string]: true } = Object.create(null)

export function createSession(options: SessionOptions): Session {
  const settings = checked(options)
  settings.core = settings.core || (createSession as Extensible).core
  if (keysInUse[settings.storageKey]) {
    throw new SessionError('storage_key_in_use')
  }
  keysInUse[settings.storageKey] = true

  let state: SessionState
  let listeners: [(state: SessionState) => void][] = []
  /** Whether the app signed out while the core could not be loaded. */
  let hasLeft = false
  /** How many calls are still checked for misspelt options. Later calls must cost as little as they can. */
  let hints = 100

  const host: WxHost = new WxHost(settings, {
    decided: (ticket, outcome, retryAfter) => sending.decided(ticket, outcome, retryAfter),
    changed(phase) {
      state = PHASES[phase] as SessionState
      listeners.forEach((entry) => run(entry[0], state))
    },
  })
  const core = (host.core = new Core(settings, host))
  const gate = new Gate(() => load(settings).then((module) => core.start(module, hasLeft)))
  const sending = new Sending(settings, host, core, gate)

  /** Starts a call. A `url` with one leading slash belongs to the app's own server. */
  function start<Made extends Call>(made: Class<Made>, kind: Kind, base: string, options: any): Made {
    const given = Object(options)
    const { url, auth } = given
    const isText = typeof url === 'string' && url !== ''
    const isRelative = isText && url[0] === '/' && url[1] !== '/'
    const call = new made(kind, isRelative ? base + url : url, given, sending)
    const isBare = isText && (auth === false || !(isRelative || sending.carries(url)))
    if (!isText || (isBare && LEADS_NOWHERE.test(url))) {
      call.failLater(wrong('url', isText ? 'must be absolute or start with /' : 'must be a string'))
    } else if (isBare) {
      sending.sendBare(call, auth === false ? 'auth' : 'origin')
    } else {
      const session = (gate.isOpen || gate.isClear) && core.admitted()
      if (session) {
        sending.send(call, session)
      } else {
        const want = settings.signIn === 'manual' ? Want.CallByHand : Want.Call
        sending.enter(call, auth === 'optional' ? Want.Optional : want)
      }
    }
    // The call goes first.
    if (hints-- > 0) {
      hint(given)
    }
    return call
  }

  core.restore(host.restored())
  state = core.admitted() ? 'signed-in' : 'loading'
  // Loads the core without waiting for a call that needs it, but not ahead of one that goes with a kept session.
  state === 'loading' ? gate.begin() : Promise.resolve().then(() => gate.begin())

  return {
    request: (options: unknown): any => new Task(start(Call, 'request', settings.baseUrl, options)),

    uploadFile: (options: unknown): any => new Task(start(Call, 'uploadFile', settings.baseUrl, options)),

    downloadFile: (options: unknown): any => new Task(start(Call, 'downloadFile', settings.baseUrl, options)),

    connectSocket: (options: unknown): any =>
      new SocketTask(start(SocketCall, 'connectSocket', settings.baseUrl.replace(/^http/i, 'ws'), options)),

    login: (given?: object): Promise<void> =>
      new Promise((resolve, reject) => {
        const isNew = isForced(given)
        const credentials = credentialsIn(given)
        if (!isNew && !credentials && gate.isClear && core.admitted()) {
          resolve()
        } else {
          gate.enter(() => sending.login(isNew, credentials, resolve, reject), reject)
        }
      }),

    logout: (): Promise<void> =>
      new Promise((resolve) =>
        gate.enter(
          () => {
            const endings = (host.endings = [])
            core.leave()
            // If this is called in a callback, the core may end the session only after that callback.
            Promise.resolve()
              .then(() => Promise.all(endings))
              .then(() => resolve())
          },
          () => {
            hasLeft = true
            host.keep(undefined, SIGNED_OUT)
            host.changed(Phase.SignedOut)
            resolve()
          },
        ),
      ),

    get ready(): Promise<void> {
      return new Promise((resolve, reject) => gate.enter(resolve, reject))
    },

    get state(): SessionState {
      return state
    },

    onChange(listener: (state: SessionState) => void): () => void {
      if (typeof listener !== 'function') {
        throw wrong('onChange', 'must be called with a function')
      }
      const entry: (typeof listeners)[0] = [listener]
      listeners = listeners.concat([entry])
      return () => {
        listeners = listeners.filter((other) => other !== entry)
      }
    },
  }
}
