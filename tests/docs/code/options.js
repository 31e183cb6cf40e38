'use strict'

const express = require('express')
const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { page } = require('./page')
const { start } = require('./start')

const test = group('options')

/** Makes a session by one of the recipes. The server answers sign-ins with `sign` and finds the session with `find`. */
async function startRecipe(words, path, sign, find) {
  const sessions = []
  const received = []
  const app = express()
  app.post(path, express.json(), ({ body }, response) => {
    received.push(body)
    sessions.push(`session-${sessions.length + 1}`)
    response.json(sign(sessions[sessions.length - 1]))
  })
  app.get('/list', (request, response) => {
    if (find(request) === sessions[sessions.length - 1] && sessions.length > 1) return response.json({ errno: 0 })
    response.status(path === '/v1/session' ? 200 : 401).json({ errno: 1001 })
  })
  const recipe = page('options').unnamed.find((block) => block.includes(words))
  const source = `const inviter = async () => 'a friend'
    module.exports = require('wxsession').${recipe}`
  const { run } = await start({ files: new Map([['session.js', source]]) }, { app })
  const { data } = await run('session.js').request({ url: '/list' })
  return { data, received, sessions: sessions.length }
}

test('a server that names everything otherwise is understood, its refusals too', async () => {
  const sign = (token) => ({ data: { token, ttl: 60 } })
  const found = await startRecipe('Authorization-Token', '/v1/session', sign, (request) =>
    request.header('Authorization-Token'),
  )
  equal([found.data, found.sessions], [{ errno: 0 }, 2])
})

test('a bearer token is given as a whole', async () => {
  const find = (request) => String(request.header('Authorization')).replace('Bearer ', '')
  const found = await startRecipe('Bearer', '/login', (token) => ({ token, expires_in: 60 }), find)
  equal([found.data, found.sessions], [{ errno: 0 }, 2])
})

test('what is sent along with the code arrives', async () => {
  const find = (request) => request.header('sessionid')
  const { received } = await startRecipe('invitedBy', '/wx/onlogin', (sessionid) => ({ sessionid }), find)
  equal(
    received.map(({ appid, invitedBy, code }) => [appid, invitedBy, typeof code]),
    [1, 2].map(() => ['wx0123456789abcdef', 'a friend', 'string']),
  )
})
