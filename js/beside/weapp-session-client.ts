import type { Session } from './index.js'
import { issued, MARK, openSession, type Options, rejected, userInfo } from './old-server'

/** As long as wx gives a call: a sign-in is a call of the program's, and may take as long. */
const PATIENCE = 60000

/** A call of the program's until it has its answer. */
interface Call {
  readonly options: any
  /** Whether it is with wx now. */
  isOut: boolean
  finish(outcome: 'success' | 'fail', value: any): void
}

/** A server, with its session and the calls that are not answered yet, by their numbers. */
interface Server {
  session: Session
  readonly calls: Map<number, Call>
  /** What the last sign-in failed with, as the server says it. */
  failure: any
}

let setting: Options = {}
let last = 0
const servers: { [origin: string]: Server } = {}

/** As wx.request, with the session; the first call signs in. */
function request(options: any): Promise<any> {
  const given = Object.assign({}, options)
  given.data = copied(given.data)
  given.header = Object.assign({}, given.header, given.headers)
  const number = ++last
  const answer = new Promise((resolve, reject) => {
    let server: Server | undefined
    const finish: Call['finish'] = (outcome, value) => {
      if (!server || server.calls.delete(number)) {
        callBack(given[outcome], value)
        callBack(given.complete, value)
        ;(outcome === 'success' ? resolve : reject)(value)
      }
    }
    try {
      server = serverOf(given.url)
      server.calls.set(number, { options: given, isOut: false, finish })
      server.session.request(Object.assign({}, given, { login: number, complete: undefined }, judged(finish, server)))
    } catch (error) {
      finish('fail', error)
    }
  })
  // Programs go by the callbacks.
  answer.catch(() => {})
  return answer
}

/** A body as wx would serialise it now; the program may use its objects again. */
function copied(body: any): any {
  return body instanceof ArrayBuffer
    ? body.slice(0)
    : Object(body) === body
      ? JSON.parse(JSON.stringify(body) || 'null')
      : body
}

/** Callbacks for the session, which make a call fail whose answer is the server's own and no answer to the call. */
function judged(finish: Call['finish'], server: Server): object {
  return {
    success(answer: any) {
      const failure = failureIn(answer)
      failure ? finish('fail', failure) : finish('success', answer)
    },
    fail(error: any) {
      finish('fail', (/^(code|bad|sign)_/.test(error.code) && server.failure) || error)
    },
  }
}

/** What a callback throws breaks nothing here, and is heard of as if wx had called. */
function callBack(callback: any, value: unknown): void {
  try {
    callback && callback(value)
  } catch (error) {
    setTimeout(() => {
      throw error
    }, 0)
  }
}

/** What `createSession` may be given besides; `origins` are those of the same server. */
request.setOptions = (options: Options): void => {
  setting = options
}

/** One server for each origin, but one for all those that the program names together. */
function serverOf(url: any): Server {
  const [origin] = (/^https?:\/\/[^/?#]*/i.exec(url) || ['']) as [string]
  const together = setting.origins || []
  const home = together.indexOf(origin) < 0 ? origin : (together[0] as string)
  return servers[home] || (servers[home] = open(home))
}

function open(origin: string): Server {
  const host = setting.host || wx
  const calls = new Map<number, Call>()
  const server = { calls } as Server
  const usual = {
    loginData: () => userInfo(host),
    refusal: isExpired,
    exchangeTimeout: PATIENCE,
    storageKey: MARK + origin,
  }
  server.session = openSession(
    host,
    Object.assign(usual, setting, { loginUrl: origin + '/' }),
    (sent) => {
      const call = calls.get(sent.login)
      // It may have gone with the sign-in, and been answered.
      return call ? dispatch(call, sent, sent.header[MARK], sent.success, sent.fail) : sent.success({})
    },

    // There is no login URL: a call of the program's goes with what signs in, and its answer is the call's.
    (exchange) => {
      const { code, rawData, signature } = exchange.data
      const call = Array.from(calls.values()).find((call) => !call.isOut)
      if (!call) {
        return exchange.fail({})
      }
      const sent = Object.assign({}, call.options)
      sent.header = Object.assign({}, sent.header, {
        'X-WX-RawData': encodeURIComponent(rawData),
        'X-WX-Signature': signature || '',
      })
      return dispatch(
        call,
        sent,
        code,
        (answer) => {
          server.failure = failureIn(answer)
          if (server.failure) {
            exchange.success(/KEY|UNTRUSTED/.test(answer.data.reason) ? rejected : issued())
          } else {
            call.finish('success', answer)
            exchange.success(issued(code))
          }
        },
        (error) => {
          server.failure = undefined
          call.finish('fail', error)
          exchange.fail(error)
        },
      )
    },
  )

  /** Hands a call to wx with a code, which is the session. */
  function dispatch(call: Call, sent: any, code: string, success: (answer: any) => void, fail: (error: any) => void) {
    const header = Object.assign({}, sent.header, { 'X-WX-Code': code })
    delete header[MARK]
    call.isOut = true
    return (host as any).request(
      Object.assign(sent, {
        header,
        complete: undefined,
        success(answer: any) {
          call.isOut = false
          success(answer)
        },
        fail,
      }),
    )
  }
  return server
}

const isMarked = (body: any) => Object(body)[MARK] !== undefined
const isExpired = ({ data }: any) => isMarked(data) && /EXPIRED|KEY/.test(data.reason)

/** What a call fails with if the server refuses it for good. */
function failureIn(answer: any): any {
  return isExpired(answer) ? Error('请求失败次数过多') : isMarked(answer.data) && (answer.data.error || answer.data)
}

export default request
