import { copyOf } from '../src/body'
import type { SessionHost } from './index.js'
import { outgoing } from './outgoing'
import { isKey, prove } from './proof'

type Listener = (value: unknown) => void

/**
 * A host that gets a key at each sign-in, and proves it with each call that carries the session of that sign-in. The core
 * knows nothing of keys: they are in no call, no error and no answer that it sees.
 */
export function signed(host: SessionHost, loginUrl: string): SessionHost {
  if (!Object(host).request || typeof loginUrl !== 'string') {
    throw TypeError('signed needs wx and loginUrl')
  }
  /** The keys of sessions, by their ids. */
  const keys = new Map<unknown, string>()
  /**
   * Whose keys are kept: of each name in storage the session in use and the one before it, which may still be signed out; of
   * no name the two that came last.
   */
  const held = new Map<string, unknown[]>()
  /** Milliseconds by which the server's clock is ahead of the phone's. */
  let ahead = 0

  const hold = (name: string, id: unknown) => {
    const [newest] = held.get(name) || []
    if (id !== newest) {
      held.set(name, [id, newest])
    }
    keys.forEach((_, id) => [...held.values()].some((ids) => ids.includes(id)) || keys.delete(id))
  }

  const learn = (name: string, id: unknown, key: unknown, difference: number) => {
    return id && isKey(key) && ((ahead = difference || 0), keys.set(id, key), hold(name, id), true)
  }

  const difference = (now: any) => now * 1000 - Date.now()

  /** Whether an answer, or its headers alone, say that a proof was made by a wrong clock. Sets the clock. */
  const isLate = (answer: any): unknown => {
    try {
      const { statusCode = 403, header, data } = answer
      // The server's own words alone count, since an app's answer may quote anything: a whole challenge, or fields of the
      // body itself. In JSON a quotation mark of a value is escaped. A clock of this age shows ten digits.
      const [, now] = (statusCode === 403 &&
        (/"www-a[^"]+":\[?"WxSession error=\\"proof_late\\", now=(\d{10})/i.exec(JSON.stringify(header)) ||
          /^{"code":"proof_late","now":(\d{10})/.exec(
            JSON.stringify(typeof data === 'string' ? JSON.parse(data) : data, ['code', 'now']),
          ))) as any
      ahead = difference(now)
      return now
    } catch (error) {
      // Another answer, or one that cannot be read.
      return undefined
    }
  }

  const signIn = (call: any) =>
    copyOf(call, {
      data: Object.assign(call.data, { proof: 'hmac-sha256' }),
      success(answer: any) {
        const { sessionid, key, now } = Object(Object(answer).data)
        if (learn('', sessionid, key, difference(now))) {
          delete answer.data.key
        }
        call.success(answer)
      },
    })

  const send = (kind: string, call: any, key: string): unknown => {
    const leaving = outgoing(kind, call)
    const heard: { [on: string]: Listener } = {}
    let sends = 0
    let task: any
    /** Whether the call was aborted, or its caller has had a part of the answer, so that it must not be sent again. */
    let isFinal = false
    /** Whether the answer's headers say that the proof was late, so that nothing of the answer is for the caller. */
    let isRefused: unknown

    const hear = (on: string) => {
      if (task && task[on]) {
        task[on]((value: unknown) => {
          isRefused = sends < 2 && (isRefused || (on[2] === 'H' && isLate(value)))
          if (!isRefused) {
            isFinal = isFinal || on[2] !== 'P'
            heard[on]!(value)
          }
        })
      }
    }

    const go = () => {
      const own = ++sends
      const made = (host as any)[kind](
        copyOf(leaving.sent, {
          header: prove(key, leaving, Date.now() + ahead),
          success(answer: any) {
            try {
              ;(isLate(answer) || isRefused) && sends < 2 && !isFinal ? go() : call.success(answer)
            } catch (error) {
              call.fail(error)
            }
          },
        }),
      )
      // wx may have called back already, and the call may have been sent again.
      if (own === sends) {
        task = made
        Object.keys(heard).forEach(hear)
      }
    }

    go()
    if (kind === 'connectSocket') {
      return task
    }
    const shown: any = {
      abort() {
        isFinal = true
        if (task && task.abort) {
          task.abort()
        }
      },
    }
    for (const on of ['onHeadersReceived', 'onProgressUpdate', 'onChunkReceived']) {
      shown[on] = (listener: Listener) => {
        heard[on] = listener
        hear(on)
      }
    }
    return shown
  }

  const methods: any = {
    // A program that no longer signs must not take such a session for one that it can use: to the core a negative version is
    // an unknown one.
    getStorageSync(name: string) {
      const kept: any = host.getStorageSync(name)
      const { id, version, key, ahead } = Object(kept)
      return learn(name, id, key, ahead) ? copyOf(kept, { version: -version }) : kept
    },
    setStorageSync(name: string, value: any) {
      hold(name, value.id)
      const key = keys.get(value.id)
      return host.setStorageSync(name, key ? copyOf(value, { version: -value.version, key, ahead }) : value)
    },
  }
  for (const kind of ['request', 'uploadFile', 'downloadFile', 'connectSocket']) {
    methods[kind] = (given: any) => {
      const call = given.url === loginUrl && Object(given.data).code ? signIn(given) : given
      const header = Object(call.header)
      const key = Object.values(header)
        .map((id) => keys.get(id))
        .find((key) => key)
      return key ? send(kind, call, key) : (host as any)[kind](call)
    }
  }
  // wx's methods are read-only, so what inherits them cannot be assigned to.
  return Object.create(host, Object.getOwnPropertyDescriptors(methods))
}
