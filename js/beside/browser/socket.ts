import type { BrowserOptions } from '../../browser'
import { listening, report } from './task'

/** wx's default, in milliseconds. */
const PATIENCE = 60000

const REMEDY = 'a WebSocket of a browser carries no headers: set socketProtocols, or pass auth: false'

/** `wx.connectSocket`. A browser's handshake has no header of the app's but the names of protocols. */
export const connectSocket = (protocolsOf: BrowserOptions['socketProtocols']) => (options: any) => {
  const { emit, methods } = listening(['Open', 'Message', 'Close', 'Error'])
  const header = Object(options.header)
  const broken = (text: string) => ({ errMsg: 'connectSocket:fail ' + text })
  if (!protocolsOf && Object.keys(header).length > 0) {
    // In a turn of its own, as the app has no task yet.
    later(options, 'fail', broken(REMEDY))
    return methods
  }
  // What these throw fails the call.
  const protocols = [].concat(options.protocols || [], (protocolsOf ? protocolsOf(header) : []) as any)
  const socket = new WebSocket(String(options.url).replace(/^http/i, 'ws'), protocols)
  const timer = setTimeout(
    () => socket.readyState === socket.CONNECTING && socket.close(),
    options.timeout > 0 ? options.timeout : PATIENCE,
  )
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => emit('Open', { header: {} })
  socket.onmessage = ({ data }) => emit('Message', { data })
  // The browser tells no page why.
  socket.onerror = () => emit('Error', broken('not connected'))
  socket.onclose = ({ code, reason }) => {
    clearTimeout(timer)
    emit('Close', { code, reason })
  }
  later(options, 'success', { errMsg: 'connectSocket:ok' })

  /** Does what a method of the task is for, and says how that went. */
  const done = (given: any, name: string, run: () => void) => {
    try {
      run()
      later(given, 'success', { errMsg: name + ':ok' })
    } catch (error) {
      later(given, 'fail', { errMsg: name + ':fail ' + Object(error).message })
    }
  }
  Object.defineProperty(methods, 'readyState', { get: () => socket.readyState })
  return Object.assign(methods, {
    send: (given: any) =>
      done(given, 'sendSocketMessage', () => {
        if (socket.readyState !== socket.OPEN) {
          throw Error('not open')
        }
        socket.send(given.data)
      }),
    close: (given: any) => {
      const { code = 1000, reason = '' } = Object(given)
      done(given, 'closeSocket', () => socket.close(code, reason))
    },
  })
}

const later = (options: any, outcome: 'success' | 'fail', value: object): unknown =>
  setTimeout(() => report(options, outcome, value), 0)
