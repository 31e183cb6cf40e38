// Mistakes that the types catch. Checked by tsc, which fails if an expected error does not occur.

import { createSession, SessionError } from 'wxsession'
import { type AccountError, createAccount } from 'wxsession/account'
import { signed } from 'wxsession/signed'
import { traced } from 'wxsession/traced'
import * as wafer2 from 'wxsession/wafer2'

const loginUrl = 'https://api.example.com/wx/onlogin'
const session = createSession({ loginUrl })
const upload = { url: '/files', filePath: 'wxfile://a', name: 'file' }

// @ts-expect-error: a session needs its login URL
createSession({})
// @ts-expect-error: an option that does not exist
createSession({ loginUrl, loginURL: loginUrl })
// @ts-expect-error: a method that a sign-in does not have
createSession({ loginUrl, loginMethod: 'PUT' })
// @ts-expect-error: nobody else signs in
createSession({ loginUrl, signIn: 'never' })
// @ts-expect-error: a place that cannot carry a session
createSession({ loginUrl, sessionPlace: 'cookie' })
// @ts-expect-error: milliseconds are a number
createSession({ loginUrl, loginTimeout: '5s' })
// @ts-expect-error: login data has names
createSession({ loginUrl, loginData: 'wx0123456789abcdef' })
// @ts-expect-error: the same from a function
createSession({ loginUrl, loginData: () => 'wx0123456789abcdef' })
// @ts-expect-error: the same from a promise
createSession({ loginUrl, loginData: async () => 'wx0123456789abcdef' })
// @ts-expect-error: the code is text
createSession({ loginUrl, loginData: (code: number) => ({ code }) })
// @ts-expect-error: headers have names
createSession({ loginUrl, loginHeader: 'application/json' })
// @ts-expect-error: a problem that does not exist
createSession({ loginUrl, readSession: () => ({ problem: 'gone' }) })
// @ts-expect-error: core is a function
createSession({ loginUrl, core: 'plain' })
// @ts-expect-error: readSession cannot be async
createSession({ loginUrl, readSession: async ({ data }) => ({ sessionid: data.token }) })
// @ts-expect-error: the session id has its name on the wire
createSession({ loginUrl, readSession: ({ data }) => ({ token: data.token }) })
// @ts-expect-error: a reason that does not exist
createSession({ loginUrl, refusal: () => 'gone' })
// @ts-expect-error: a host needs all methods
createSession({ loginUrl, host: { request: wx.request } })
// @ts-expect-error: a single origin is a list too
createSession({ loginUrl, origins: loginUrl })

// @ts-expect-error: a call needs its URL
session.request({ data: { page: 2 } })
// @ts-expect-error: an option that wx does not have
session.request({ url: '/', headers: {} })
// @ts-expect-error: auth is true or false
session.request({ url: '/', auth: 'no' })
// @ts-expect-error: WeChat has no PATCH
session.request({ url: '/', method: 'PATCH' })
// @ts-expect-error: a body that may be missing is checked before it is read
session.request<{ id: string } | null>({ url: '/' }).then(({ data }) => data.id)
// @ts-expect-error: a body of an unknown type is checked before it is read
session.request<unknown>({ url: '/' }).then(({ data }) => data.id)
// @ts-expect-error: the body has the type that the call names
session.request<{ id: string }>({ url: '/' }).then(({ data }) => data.name)
// @ts-expect-error: the same in the callback
session.request<string>({ url: '/', success: ({ data }) => data.id })
// @ts-expect-error: an upload needs its file
session.uploadFile({ url: '/files', name: 'file' })
// @ts-expect-error: a request sends no file
session.request({ url: '/files', filePath: 'wxfile://a' })
// @ts-expect-error: a download has no form
session.downloadFile({ url: '/file', formData: {} })
// @ts-expect-error: a socket needs its URL
session.connectSocket({ protocols: ['chat'] })

// @ts-expect-error: the task of a request reports no progress
session.request({ url: '/' }).onProgressUpdate(() => {})
// @ts-expect-error: the task of an upload has no chunks
session.uploadFile(upload).onChunkReceived(() => {})
// @ts-expect-error: a socket is no promise
session.connectSocket({ url: '/socket' }).then(() => {})
// @ts-expect-error: the state of a socket cannot be set
session.connectSocket({ url: '/socket' }).readyState = 1
// @ts-expect-error: a socket cannot be aborted
session.connectSocket({ url: '/socket' }).abort()
// @ts-expect-error: the answer to an upload is text
session.uploadFile(upload).then(({ data }) => data.id)

// @ts-expect-error: login() does not reveal the session
session.login().then((result: string) => result)
// @ts-expect-error: force is true or false
session.login({ force: 'yes' })
// @ts-expect-error: the state is read-only
session.state = 'signed-in'
// @ts-expect-error: a misspelt option
session.login({ forse: true })
// @ts-expect-error: a method is a name
session.login({ method: 7 })
// @ts-expect-error: a state that does not exist
session.onChange((state) => state === 'expired')
// @ts-expect-error: a code that does not exist
session.login().catch((error: SessionError) => error.code === 'expired')
// @ts-expect-error: an error does not reveal the request
new SessionError('network').cause?.data

const account = createAccount(session)
// @ts-expect-error: a way in is shown by a method
account.link({ identifier: 'li.na', password: 'correct horse' })
// @ts-expect-error: a challenge is for something that exists
account.challenge({ purpose: 'reset', identifier: 'li.na' })
// @ts-expect-error: a problem that no account has
account.get().catch((error: AccountError) => error.code === 'password_short')
// @ts-expect-error: an id is a text
account.unlink(7)

// @ts-expect-error: a log takes lines
traced(wx, (line: number) => line)
// @ts-expect-error: without the login URL, no sign-in asks for a key
signed(wx)
// @ts-expect-error: no host
signed('https://api.example.com/wx/onlogin', wx)
// @ts-expect-error: a sign-in has no body of the second protocol
wafer2.login({ data: {} })
// @ts-expect-error: what happened is not the host's to say
createSession({ loginUrl, host: { ...wx, trace: ({ what }) => what === 'forgotten' } })
