// What an app may write. Checked by tsc, never run.

import { createSession, SessionError } from 'wxsession'
import type {
  Session,
  SessionCredentials,
  SessionErrorCode,
  SessionHost,
  SessionOptions,
  SessionRequestOption,
  SessionRequestResult,
  SessionRequestTask,
  SessionState,
} from 'wxsession'
import { type AccountError, createAccount } from 'wxsession/account'
import { type BrowserHost, type BrowserOptions, browser, byRedirect, followSignOut } from 'wxsession/browser'
import { plain } from 'wxsession/plain'
import { signed } from 'wxsession/signed'
import { traced } from 'wxsession/traced'
import * as wafer from 'wxsession/wafer'
import * as wafer2 from 'wxsession/wafer2'
import requestOfWeapp from 'wxsession/weapp-session-client'

const smallest: SessionOptions = { loginUrl: 'https://api.example.com/wx/onlogin' }
const session: Session = createSession(smallest)

createSession({
  ...smallest,
  loginMethod: 'GET',
  signIn: 'manual',
  loginData: { appid: 'wx0123456789abcdef' },
  loginHeader: async (code) => ({ 'x-signed': code }),
  sessionName: 'token',
  sessionPlace: 'query',
  readSession: (answer) => ({ sessionid: answer.data.data.token, expires_in: 7200 }),
  refusal: ({ statusCode, data }) => statusCode === 403 || data.code === 'gone',
  refusalCloseCode: 4403,
  origins: ['https://files.example.com'] as const,
  wasmPath: '/wasm/wxsession.wasm.br',
  loadTimeout: 1000,
})
const host: SessionHost = wx
createSession({ ...smallest, host })

const page: BrowserOptions = {
  login: async () => 'code',
  credentials: 'include',
  storage: { getItem: () => null, setItem: () => {}, removeItem: () => {} },
  socketProtocols: ({ sessionid }) => ['live', `sessionid.${sessionid}`],
}
const pageHost: BrowserHost = browser(page)
createSession({ ...smallest, host: pageHost })
createSession({ ...smallest, host: browser({ login: byRedirect((back, state) => back + state) }) })
createSession({ ...smallest, host: traced(browser({ login: undefined, storage: undefined })) })
const stopFollowing: () => void = followSignOut(session, 'key')
stopFollowing()
const { uploadFile, downloadFile, connectSocket, ...less } = wx
createSession({ ...smallest, host: less })
createSession({ ...smallest, host: { ...wx, login: (options) => wx.login(options) } })
createSession({ ...smallest, loginData: (code) => ({ length: code.length }) })
createSession({ ...smallest, loginData: async () => undefined })
interface Profile {
  nickName: string
}
declare const profile: Profile
createSession({ ...smallest, loginData: profile })
createSession({ ...smallest, loginData: () => Promise.resolve(profile) })
createSession({ ...smallest, loginHeader: { 'content-type': 'application/x-www-form-urlencoded' } })
createSession({ ...smallest, readSession: () => ({ problem: 'code_invalid' }) })
createSession({ ...smallest, readSession: () => undefined, refusal: () => 'session_replaced' })

// Everything that wx.request accepts: its own options unchanged, with callbacks typed by wx.
const wxOptions: WechatMiniprogram.RequestOption = {
  url: 'https://api.example.com/wx/products/list',
  data: { page: 2 },
  header: { 'content-type': 'application/json' },
  timeout: 3000,
  method: 'PUT',
  dataType: '其他',
  responseType: 'arraybuffer',
  enableCache: true,
  enableChunked: true,
  enableHttp2: true,
  enableQuic: true,
  enableHttpDNS: true,
  httpDNSServiceId: 'id',
  forceCellularNetwork: false,
  success: (result) => result.statusCode,
  fail: (error) => error.errno,
  complete: (result) => result.errMsg,
}
session.request(wxOptions)
session.request({ ...wxOptions, auth: false })
session.request({ ...wxOptions, auth: 'optional' })
session.uploadFile({
  url: '/files',
  filePath: 'wxfile://a',
  name: 'file',
  formData: { album: 1 },
  success: (result) => result.data.length,
  fail: (error) => error.code,
} satisfies Parameters<Session['uploadFile']>[0])
const fail: WechatMiniprogram.UploadFileFailCallback = ({ errMsg }) => errMsg
const wxUpload: WechatMiniprogram.UploadFileOption = { url: '/files', filePath: 'wxfile://a', name: 'file', fail }
const wxDownload: WechatMiniprogram.DownloadFileOption = { url: '/file', filePath: 'wxfile://b', fail }
const wxSocket: WechatMiniprogram.ConnectSocketOption = { url: '/socket', protocols: ['chat'], fail }
session.uploadFile({ ...wxUpload, auth: true })
session.downloadFile(wxDownload)
session.connectSocket(wxSocket)

// Tasks have wx's own types, and all but a socket's can be awaited.
const request: WechatMiniprogram.RequestTask = session.request({ url: '/' })
const upload: WechatMiniprogram.UploadTask = session.uploadFile(wxUpload)
const download: WechatMiniprogram.DownloadTask = session.downloadFile(wxDownload)
const socket: WechatMiniprogram.SocketTask = session.connectSocket(wxSocket)
const stateful = session.connectSocket(wxSocket)
const isConnected: boolean = stateful.readyState === stateful.OPEN
request.onChunkReceived(({ data }) => data.byteLength)
upload.onProgressUpdate(({ progress }) => progress.toFixed())
download.onHeadersReceived(({ header }) => header)
socket.onClose(({ code, reason }) => reason + code)
socket.send({ data: 'x' })

interface Products {
  products: { id: string }[]
}

async function awaited(): Promise<void> {
  const { data, statusCode } = await session.request<Products>({ url: '/wx/products/list' })
  const first: string | undefined = data.products[0]?.id
  const text: string = (await session.request<string>({ url: '/', dataType: '其他' })).data
  const bytes: number = (await session.request<ArrayBuffer>({ url: '/', responseType: 'arraybuffer' })).data.byteLength
  const stored: string = (await session.uploadFile(wxUpload)).data
  const path: string = (await session.downloadFile(wxDownload)).tempFilePath
  const all: [number, number] = await Promise.all([
    session.request({ url: '/a' }).then((result) => result.statusCode),
    session
      .request({ url: '/b' })
      .finally(() => {})
      .then(({ statusCode }) => statusCode),
  ])
  const either = await session.request<Products>({ url: '/' }).catch((error) => error.code)
  const code: SessionError['code'] | Products = typeof either === 'string' ? either : either.data
  const nothing: void = await session.login({ force: true })
  await session.login({ method: 'password', identifier: 'li.na', password: 'secret', register: true })
  await session.login({ method: 'campus', student: 7, force: true })
  await session.logout()
  await session.ready
  use(statusCode, first, text, bytes, stored, path, all, code, nothing)
}

// A body may have any type, and a wrapper may pass its own on.
interface User {
  name: string
}
function api<T>(url: string): Promise<T> {
  return session.request<T>({ url }).then(({ data }) => data)
}
function wrapped<T>(options: SessionRequestOption<T>): SessionRequestTask<T> {
  return session.request<T>(options)
}
async function bodies(): Promise<void> {
  const user: string | undefined = (await session.request<User | null>({ url: '/me' })).data?.name
  const unknown: unknown = (await session.request<unknown>({ url: '/' })).data
  const count: number = (await session.request<number>({ url: '/count' })).data
  const list: User[] = await api<User[]>('/users')
  const flag: boolean = (await wrapped<boolean>({ url: '/flag', success: ({ data }) => use(data === true) })).data
  use(user, unknown, count, list, flag)
}

// A body may be one of several, told apart by a field, or by its nature where the call names none.
type Reply<T> = { ok: true; value: T } | { ok: false; reason: string }
async function unwrapped<T>(url: string): Promise<T> {
  const { data } = await session.request<Reply<T>>({ url })
  if (data.ok) return data.value
  throw new Error(data.reason)
}
session.request({
  url: '/',
  success: ({ data }) =>
    use(typeof data === 'string' ? data.length : data instanceof ArrayBuffer ? data.byteLength : data.anything),
})
session.request<User>({ url: '/me', method: 'POST', data: { name: 'li.na' } satisfies User })
class Api {
  constructor(private readonly session: Session) {}
  get<T>(url: string): SessionRequestTask<T> {
    return this.session.request<T>({ url, auth: 'optional' })
  }
}
const asIfWx: typeof wx.request = session.request
use(unwrapped, Api, asIfWx)

// What is undefined is as if it were not there.
declare const given: {
  timeout: number | undefined
  auth: boolean | undefined
  fail: ((error: SessionError) => void) | undefined
}
createSession({ ...smallest, loginTimeout: given.timeout, readSession: undefined, host: undefined })
session.request({ url: '/', auth: given.auth, fail: given.fail, success: undefined })
session.login({ force: given.auth })

// Credentials may have a type of the app's.
interface Typed {
  readonly method: 'password'
  readonly identifier: string
  readonly password: string
}
declare const typed: Typed
session.login(typed)
createAccount(session, { base: undefined }).link(typed)

// A stand-in for the session, in an app's own tests.
const standIn: Pick<Session, 'request' | 'login' | 'ready' | 'state'> = {
  request: session.request,
  login: async () => {},
  ready: Promise.resolve(),
  state: 'signed-in',
}
use(standIn)

// A task is accepted wherever a promise is.
const promise: Promise<SessionRequestResult<User>> = session.request<User>({ url: '/me' })
const uploading: Promise<unknown> = session.uploadFile(wxUpload)
const downloading: Promise<{ tempFilePath: string }> = session.downloadFile(wxDownload)
use(bodies, promise, uploading, downloading)

function told(error: unknown): string {
  if (!(error instanceof SessionError)) return ''
  const wait: number | undefined = error.retryAfter
  const cause: string | undefined = error.cause?.errMsg
  const because: SessionErrorCode | undefined = error.cause?.code
  const said: { detail: string } | undefined = error.problem
  use(because, said)
  switch (error.code) {
    case 'sign_in_paused':
      return `${wait}`
    case 'session_replaced':
      return error.message
    // A problem of credentials, which the server names.
    case 'more_needed':
      return error.problem.ask.kind
    default:
      return error.errMsg + cause
  }
}

const stop: () => void = session.onChange((state: SessionState) => use(state === 'signing-in'))
use(stop, awaited, told, session.state)

declare function use(...values: unknown[]): void

createSession({ ...smallest, host: traced(wx) })
createSession({ ...smallest, host: traced(wx, (line) => console.info(line.length)) })
createSession({ ...smallest, core: plain })
createSession({ ...smallest, core: undefined })
createSession({ ...smallest, core: (path) => Promise.resolve({ path, exports: {} }) })
createSession({ ...smallest, host: signed(wx, smallest.loginUrl) })
createSession({ ...smallest, host: traced(signed(traced(wx), smallest.loginUrl)) })
const listening: SessionHost = { ...wx, trace: ({ what, url, why }) => console.info(what, url, why) }
createSession({ ...smallest, host: listening })

const account = createAccount(session)
createAccount(session, { base: '/api/account', host: wx })
async function ofAccount(credentials: SessionCredentials): Promise<unknown[]> {
  const { guest, identities } = await account.get()
  const { expires_in, nonce } = await account.challenge({ purpose: 'oidc', issuer: 'school' })
  const { kind } = await account.link({ method: 'password', identifier: 'li.na', password: 'correct horse' })
  await account.link(credentials)
  const [first] = await account.sessions()
  try {
    await account.setPassword('correct horse')
  } catch (error) {
    const { code, problem, cause } = error as AccountError
    return [code === 'proof_needed' ? problem.methods : code === 'network', cause?.statusCode]
  }
  const signIn = (step: { state?: string }) => session.login({ method: 'oidc', issuer: 'school', ...step })
  const signedIn: void = await account.byDevice(signIn, ({ user_code, interval }) => user_code !== '' && interval > 0)
  const { shown } = await account.byDevice(
    (step) => account.link({ method: 'oidc', ...step }),
    () => {},
  )
  use(signedIn, shown)
  await account.unlink(identities[0]!.id)
  await account.endSession(first!.id)
  const nothing: void = await account.remove()
  return [guest, expires_in, nonce, kind, nothing]
}
use(ofAccount)

requestOfWeapp({ url: 'https://api.example.com/api', headers: { 'X-Mine': 'mine' } }).then(() => {})
requestOfWeapp.setOptions({ wasmPath: '/wasm/wxsession.wasm.br', origins: ['https://api.example.com'] })

wafer.setLoginUrl('https://api.example.com/login', { host: traced(wx) })
wafer.login({
  method: 'POST',
  data: {},
  success: ({ nickName }) => nickName.length,
  fail: ({ type, detail }) => [type, detail],
})
wafer.request({ login: true, url: 'https://api.example.com/user', success: ({ data }) => data, complete: () => {} })
wx.uploadFile({ url: '/', filePath: '', name: '', header: wafer.buildSessionHeader() })
const isOfWafer = (error: unknown) => error instanceof wafer.LoginError || error instanceof wafer.RequestError
isOfWafer(wafer.ERR_INVALID_SESSION)

wafer2.setLoginUrl('https://api.example.com/weapp/login')
wafer2.Session.get() === null ? wafer2.login() : wafer2.loginWithCode({ success: (userinfo) => userinfo.openId })
wafer2.clearSession()
