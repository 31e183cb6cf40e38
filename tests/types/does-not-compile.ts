// What is to be caught while an app is written. Checked by tsc, which fails where an error that is expected is none.

import { createSession, SessionError } from 'wxsession'

const loginUrl = 'https://api.example.com/wx/onlogin'
const session = createSession({ loginUrl })
const upload = { url: '/files', filePath: 'wxfile://a', name: 'file' }

// @ts-expect-error: a session needs its login URL
createSession({})
// @ts-expect-error: an option that there is not
createSession({ loginUrl, loginURL: loginUrl })
// @ts-expect-error: a method that a sign-in does not have
createSession({ loginUrl, loginMethod: 'PUT' })
// @ts-expect-error: a place where no session can be
createSession({ loginUrl, sessionPlace: 'cookie' })
// @ts-expect-error: milliseconds are a number
createSession({ loginUrl, loginTimeout: '5s' })
// @ts-expect-error: login data has names
createSession({ loginUrl, loginData: 'wx0123456789abcdef' })
// @ts-expect-error: and so has that of a function
createSession({ loginUrl, loginData: () => 'wx0123456789abcdef' })
// @ts-expect-error: also when it comes later
createSession({ loginUrl, loginData: async () => 'wx0123456789abcdef' })
// @ts-expect-error: the code is text
createSession({ loginUrl, loginData: (code: number) => ({ code }) })
// @ts-expect-error: the session's id is named as on the wire
createSession({ loginUrl, readSession: ({ data }) => ({ token: data.token }) })
// @ts-expect-error: a reason that the session does not know
createSession({ loginUrl, refusal: () => 'gone' })
// @ts-expect-error: a host has more than one method
createSession({ loginUrl, host: { request: wx.request } })
// @ts-expect-error: one origin is a list of one
createSession({ loginUrl, origins: loginUrl })

// @ts-expect-error: a call needs its URL
session.request({ data: { page: 2 } })
// @ts-expect-error: an option that wx does not have
session.request({ url: '/', headers: {} })
// @ts-expect-error: auth is true or false
session.request({ url: '/', auth: 'no' })
// @ts-expect-error: WeChat has no PATCH
session.request({ url: '/', method: 'PATCH' })
// @ts-expect-error: a body is text, an object or bytes
session.request<number>({ url: '/' })
// @ts-expect-error: the body is what the generic says
session.request<{ id: string }>({ url: '/' }).then(({ data }) => data.name)
// @ts-expect-error: and so it is for the callback
session.request<string>({ url: '/', success: ({ data }) => data.id })
// @ts-expect-error: an upload needs its file
session.uploadFile({ url: '/files', name: 'file' })
// @ts-expect-error: a call sends no file
session.request({ url: '/files', filePath: 'wxfile://a' })
// @ts-expect-error: a download has no form
session.downloadFile({ url: '/file', formData: {} })
// @ts-expect-error: a socket needs its URL
session.connectSocket({ protocols: ['chat'] })

// @ts-expect-error: a call's task tells no progress
session.request({ url: '/' }).onProgressUpdate(() => {})
// @ts-expect-error: an upload's task has no chunks
session.uploadFile(upload).onChunkReceived(() => {})
// @ts-expect-error: a socket is no promise
session.connectSocket({ url: '/socket' }).then(() => {})
// @ts-expect-error: nor can it be aborted
session.connectSocket({ url: '/socket' }).abort()
// @ts-expect-error: an upload's answer is text
session.uploadFile(upload).then(({ data }) => data.id)

// @ts-expect-error: whoever signs in is not told the session
session.login().then((result: string) => result)
// @ts-expect-error: force is true or false
session.login({ force: 'yes' })
// @ts-expect-error: the state is told, not set
session.state = 'signed-in'
// @ts-expect-error: a state that there is not
session.onChange((state) => state === 'expired')
// @ts-expect-error: a code that there is not
session.login().catch((error: SessionError) => error.code === 'expired')
// @ts-expect-error: an error tells nothing of the request
new SessionError('network').cause?.data
