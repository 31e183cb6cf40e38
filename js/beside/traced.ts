import type { SessionHost, SessionTrace } from './index.js'

/** Why a call goes without the session. */
const BARE: { [why: string]: string } = {
  auth: 'auth is false',
  optional: 'there is none',
  origin: 'its origin is not in origins',
}

/** Takes a line. */
export type Log = (line: string) => void

/** A host that writes down what a session does with it: every wait, sign-in, renewal, resend and bare call, and why. */
export function traced(host: SessionHost, log: Log = usualLog(host)): SessionHost {
  const secrets: string[] = []
  let reason = 'nobody has signed in yet'
  let code = ''
  let id = ''
  let began = 0

  const write = (text: string) => {
    try {
      log('[wxsession] ' + hidden(text, secrets))
    } catch (error) {
      // A log that fails breaks no call.
    }
  }

  const heard: { [what in SessionTrace['what']]: (path: string, why: string) => void } = {
    bare: (path, why) => write(`bare: ${path} goes without the session: ${BARE[why]}`),
    wait: (path, why) => write(`wait: ${path} waits for ` + (why ? 'the core to load' : 'a session')),
    refused(path, why) {
      reason = `${path} was refused: ${why || 'no problem named'}`
      write('refused: ' + reason)
    },
    resend: (path) => write(`resend: ${path} goes again, with the new session`),
  }

  /** Writes how a call of the sign-in ends, and calls on. */
  const watched = (call: any, name: string, say: (answer: any) => string) => {
    const at = Date.now()
    const { success, fail } = call
    const took = () => ` after ${Date.now() - at} ms`
    return Object.assign({}, call, {
      success(answer: any) {
        write(`sign-in: ${name} ${attempt(() => say(answer))}${took()}`)
        success(answer)
      },
      fail(given: any) {
        write(`sign-in: ${name} failed: ${failure(given)}${took()}`)
        fail(given)
      },
    })
  }

  const carried = (method: 'request' | 'uploadFile' | 'downloadFile' | 'connectSocket') => (call: any) => {
    const isSignIn = code !== '' && (holds(call.data, code) || holds(call.header, code))
    if (!isSignIn) {
      return (host as any)[method](call)
    }
    return (host as any)[method](
      watched(call, 'the exchange of the code', ({ statusCode, data }) => {
        const problem = text(Object(data).code)
        return `was answered ${Number(statusCode)}` + (NAME.test(problem) ? ' ' + problem : '')
      }),
    )
  }

  const methods: Partial<SessionHost> = {
    login(call: any) {
      began = Date.now()
      write((id ? 'renewal' : 'sign-in') + ': wx.login is asked for a code, because ' + reason)
      return host.login(
        watched(call, 'wx.login', (answer) => {
          code = text(Object(answer).code)
          secrets.push(code)
          return code ? 'gave a code' : 'gave no code'
        }),
      )
    },
    request: carried('request'),
    uploadFile: carried('uploadFile'),
    downloadFile: carried('downloadFile'),
    connectSocket: carried('connectSocket'),
    getStorageSync(key: string) {
      const kept = host.getStorageSync(key)
      id = text(Object(kept).id)
      secrets.push(id)
      reason = id ? LAPSED : reason
      write(id ? 'start: a session is kept' : 'start: no session is kept')
      return kept
    },
    setStorageSync(key: string, value: any) {
      id = text(Object(value).id)
      secrets.push(id)
      if (id) {
        write(`signed in after ${Date.now() - began} ms`)
        reason = LAPSED
      }
      return host.setStorageSync(key, value)
    },
    trace({ what, url, why }: SessionTrace) {
      const say = heard[what]
      if (say) {
        say(pathOf(url), NAME.test(text(why)) ? text(why) : '')
      }
      if (host.trace) {
        host.trace({ what, url, why })
      }
    },
  }
  // wx's methods are read-only, so what inherits them cannot be assigned to.
  return Object.create(host, Object.getOwnPropertyDescriptors(methods))
}

/** Why a session is replaced that no answer has refused. */
const LAPSED = 'its time is over, or login() was called'

/** A problem or a reason; anything else may be a secret. */
const NAME = /^[a-z_]{1,32}$/

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** The console, and WeChat's log that its administration shows; where there is no such log, the console alone. */
function usualLog(host: any): Log {
  const manager = attempt(() => host.getRealtimeLogManager())
  return (line) => {
    console.info(line)
    if (manager) {
      manager.info(line)
    }
  }
}

function attempt(run: () => any): any {
  try {
    return run()
  } catch (error) {
    return undefined
  }
}

/** A body that wx repeats, as JSON or as a form, and what follows. A sign-in's may have a password. */
const DATA = /\s*[{=][^]*$/

/** A URL without user, query and fragment. */
const pathOf = (url: unknown) =>
  text(url)
    .replace(/^(\w+:\/\/)[^/]*@/, '$1')
    .replace(/[?#][^]*$/, '')

/** What wx says of a failure: its number, and its words as far as no secret can be among them. */
function failure(given: any): string {
  const { errno, errNo, errMsg } = Object(given)
  return (
    [errno, errNo, pathOf(errMsg).replace(DATA, '')].filter((part) => part !== undefined && part !== '').join(' ') ||
    'no reason given'
  )
}

/** Whether a string is anywhere in a value. */
function holds(value: any, searched: string): boolean {
  return attempt(() => JSON.stringify(value).indexOf(JSON.stringify(searched).slice(1, -1)) >= 0)
}

/** A line without the secrets, as they are or escaped, and without anything that looks like one. */
function hidden(line: string, secrets: string[]): string {
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret)]) {
      if (form) {
        line = line.split(form).join('***')
      }
    }
  }
  return line.replace(/(?=[A-Za-z_+=~-]*\d)[\w+=~-]{20,}/g, '***')
}
