/* The app's own backend. Its table `users` says who somebody is, and wxsession keeps the sessions. */
'use strict'

const bcrypt = require('bcryptjs')
const express = require('express')
const Database = require('libsql')

const { DATABASE = 'users.db', PORT = '3000', HOOK_PORT = '3001', WXSESSION = 'http://127.0.0.1:8081' } = process.env
// Of bcrypt, as the hashes in your table have it.
const COST = Number(process.env.COST || 10)
const database = new Database(DATABASE)
// The table `users` is an old one: id, name, and the bcrypt hash of the password. This one remembers linked WeChat users.
database.exec('CREATE TABLE IF NOT EXISTS phones (appid, openid, user INTEGER, PRIMARY KEY (appid, openid))')

const row = (query, ...values) => database.prepare(query).get(...values)
const write = (query, ...values) => database.prepare(query).run(...values)
const text = (value) => (typeof value === 'string' ? value : '')
// Stands in for a hash that is not there, so that the time does not tell which names exist.
const NOBODY = bcrypt.hashSync('', COST)

// wxsession asks here at every sign-in. A listener of its own, because nobody else may ask.
const hook = express().use(express.json())
hook.post('/sign-in', async (request, response) => {
  const { method, credentials, wechat, presented } = request.body
  const linked = row('SELECT user FROM phones WHERE appid = ? AND openid = ?', wechat.appid, wechat.openid)
  const is = (id) => response.json({ user: String(id) })
  switch (method) {
    case 'silent': // The program starts, or a session has ended.
    case 'wechat': // The user wants to be the WeChat user.
      return linked ? is(linked.user) : response.json({ guest: true })
    case 'renew': {
      // The same WeChat user still holds the phone. All that is left to ask is whether the user still exists.
      const user = row('SELECT id FROM users WHERE id = ?', presented.user)
      return user ? is(user.id) : response.sendStatus(401)
    }
    case 'password': {
      const user = row('SELECT id, hash FROM users WHERE name = ?', text(credentials.identifier))
      const matches = await bcrypt.compare(text(credentials.password), user?.hash || NOBODY)
      if (!user?.hash || !matches) return response.sendStatus(401)
      if (credentials.link === true) {
        if (linked && linked.user !== user.id) return response.sendStatus(409)
        write('INSERT OR IGNORE INTO phones VALUES (?, ?, ?)', wechat.appid, wechat.openid, user.id)
      }
      return is(user.id)
    }
    default:
      return response.sendStatus(400)
  }
})
hook.listen(HOOK_PORT, '127.0.0.1')

// The proxy has verified the session, and says in `x-wx-user` whose it is.
const app = express().use(express.json())
// The id in `users`, or nothing for a guest, whose id begins with `g.`.
const userOf = (request) => /^\d+$/.exec(request.header('x-wx-user'))?.[0] ?? ''
app.get('/me', (request, response) => {
  const user = row('SELECT name FROM users WHERE id = ?', userOf(request))
  response.json({ name: user ? user.name : 'guest' })
})
app.put('/me/password', async (request, response) => {
  const { old, password } = request.body
  const user = row('SELECT id, hash FROM users WHERE id = ?', userOf(request))
  // Not 401, which would tell the mini program that its session has ended.
  if (!user?.hash || !(await bcrypt.compare(text(old), user.hash))) return response.sendStatus(403)
  if (text(password).length < 8) return response.sendStatus(422)
  const hash = await bcrypt.hash(text(password), COST)
  const change = (from, to) => write('UPDATE users SET hash = ? WHERE id = ? AND hash = ?', to, user.id, from)
  // First the hash, then the sessions: a sign-in that still saw the old hash is ended too.
  change(user.hash, hash)
  const ended = await endSessions({ user: String(user.id), except: request.header('sessionid') })
  if (!ended) change(hash, user.hash)
  response.sendStatus(ended ? 204 : 503)
})
app.listen(PORT, '127.0.0.1')

async function endSessions(whose) {
  const headers = { 'content-type': 'application/json' }
  const post = fetch(`${WXSESSION}/sessions/end`, { method: 'POST', headers, body: JSON.stringify(whose) })
  return post.then((answer) => answer.ok).catch(() => false)
}
