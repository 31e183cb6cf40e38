// A server to try this program with, without WeChat and without an AppID: node backend.mjs
// Every code signs in the same user, and everything is forgotten when it stops. Do not put it on the internet.
// For a phone in your network: node backend.mjs 8080 0.0.0.0, and this machine's address in the program.
//
// 试用后端：不连微信，不需要 AppID，运行 node backend.mjs 即可。任何 code 都登录为同一个用户，停止后什么都不保留。不要用在线上。
// 给同一局域网里的手机用：node backend.mjs 8080 0.0.0.0，小程序里写这台电脑的地址。

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

/** In seconds. */
const LIFETIME = 7200
const [port = '8080', host = '127.0.0.1'] = process.argv.slice(2)

/** When each session ends, in milliseconds since 1970. */
const sessions = new Map()

const PRODUCTS = [
  { id: 1, name: '龙井', price: 6800 },
  { id: 2, name: '瓷杯', price: 4500 },
  { id: 3, name: '竹茶盘', price: 3200 },
]

/** Your own server sends the code to WeChat's jscode2session here, and keeps the openid with the session. */
function signIn({ code }) {
  if (!code) return [400, { code: 'bad_request' }]
  const sessionid = randomBytes(32).toString('base64url')
  sessions.set(sessionid, Date.now() + LIFETIME * 1000)
  return [200, { sessionid, expires_in: LIFETIME }]
}

function signOut(_, sessionid) {
  sessions.delete(sessionid)
  return [204]
}

/** Everything but the sign-in needs a session, and answers 401 without one. */
const withSession = (answer) => (body, sessionid) =>
  sessions.get(sessionid) > Date.now() ? answer(body) : [401, { code: 'session_expired' }]

const ROUTES = {
  'POST /wx/onlogin': signIn,
  'POST /wx/logout': signOut,
  'GET /wx/products/list': withSession(() => [200, PRODUCTS]),
}

async function received(request) {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  return JSON.parse(text || '{}')
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1')
  const answer = ROUTES[`${request.method} ${pathname}`] || (() => [404, { code: 'not_found' }])
  const body = await received(request).catch(() => ({}))
  const [status, value] = answer(body, request.headers.sessionid)
  console.log(request.method, pathname, status)
  response.writeHead(status, value && { 'content-type': 'application/json' })
  response.end(value && JSON.stringify(value))
})

server.on('error', ({ code, message }) => {
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${port} is taken. Name another one, here (node backend.mjs 8081) and in the program`
      : message,
  )
  process.exitCode = 1
})
server.listen(Number(port), host, () => console.log(`listening on http://${host}:${server.address().port}`))
