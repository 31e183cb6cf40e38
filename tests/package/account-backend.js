/*
 * The account routes of an app's server, behind a test's backend. One WeChat user holds the phone, and proofs are as recent
 * as the test wants them. An account here has one name and one password.
 */
'use strict'

const { problem } = require('./backend')
const { start } = require('./start')

const OTP = '493021'
const DEVICE = {
  kind: 'device',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://school.example.com/device',
  interval: 5,
  expires_in: 900,
}
const CHALLENGE = { expires_in: 300, resend_in: 60 }
const DONE = { statusCode: 204 }

/** @typedef {{user: string, guest: boolean, password?: string, identities: any[]}} Owner */

/** @param {import('./backend').Backend} backend */
function addAccounts(backend) {
  /** @type {Owner} */
  const guest = { user: 'guest-1', guest: true, identities: [] }
  const owners = [guest]
  /** The owner of each session id. */
  const signedIn = {}
  const accounts = {
    /** Whether the sessions have a recent proof. */
    isProved: true,
    /** The bodies of the sign-ins, and the others: method, path, body and session id. */
    signIns: [],
    calls: [],
    /** What the third party answers, in turn: waiting, or a name of whoever agreed, or a problem. */
    agreements: [],
    /** Adds an account. */
    add(name, password) {
      const owner = { user: `user-${owners.length}`, guest: false, password, identities: [] }
      owners.push(owner)
      identify(owner, 'name', name)
      return owner
    },
    /** The owner of the session that was issued last. */
    owner: () => signedIn[backend.ids[backend.ids.length - 1]],
  }

  backend.exchange = (request) => {
    const body = JSON.parse(request.body)
    accounts.signIns.push(body)
    const shown = body.method ? holder(body) : linked() || guest
    if (!shown.user) return shown
    const sessionid = backend.issue()
    signedIn[sessionid] = shown
    return { data: { sessionid, expires_in: 604800, guest: shown.guest } }
  }

  backend.call = (request) => {
    const { method, path, body } = request
    const id = backend.idOf(request)
    const [, topic, , inner] = /^\/wx\/(account|sessions|challenges)(\/(.*))?$/.exec(path) || []
    if (!topic || !(backend.isLive(id) || topic === 'challenges')) return undefined
    const sent = body ? JSON.parse(body) : undefined
    accounts.calls.push([method, path, sent, id])
    return { account, sessions, challenges }[topic](method, inner || '', sent, signedIn[id], id)
  }

  const linked = () => owners.find(({ identities }) => identities.some(({ kind }) => kind === 'wechat'))

  const named = (name) => owners.find(({ identities }) => identities.some(({ shown }) => shown === name))

  /** Who a credential shows, or the answer to a wrong one. */
  function holder({ method, identifier, password, otp, register, state }) {
    const owner = named(identifier)
    if (method === 'wechat') return linked() || guest
    if (method === 'oidc') return agreed()
    if (method === 'code') return otp === OTP && owner ? owner : problem(401, 'challenge_wrong')
    if (method === 'two-step' && !state)
      return withMore(problem(403, 'more_needed'), { ask: { kind: 'otp', length: 6 }, state: 'opaque' })
    if (method === 'two-step') return owner || problem(401, 'credentials_wrong')
    if (method !== 'password') return problem(400, 'method_unknown')
    if (register && owner) return problem(409, 'identity_taken')
    if (register) return accounts.add(identifier, password)
    return owner && owner.password === password ? owner : problem(401, 'credentials_wrong')
  }

  /** Where the flow at the third party stands. */
  function agreed() {
    const next = accounts.agreements.shift()
    if (typeof next === 'object') return next
    if (next) return named(next)
    return withMore(problem(403, 'more_needed'), { ask: DEVICE, state: `state-${accounts.agreements.length}` })
  }

  function account(method, inner, sent, owner, asking) {
    if (method === 'GET') return { data: stateOf(owner) }
    if (!accounts.isProved) return withMore(problem(403, 'proof_needed'), { methods: ['password', 'code'] })
    if (method === 'POST') return link(owner, sent)
    if (method === 'PUT') return setPassword(owner, sent.password, asking)
    return inner ? unlink(owner, decodeURIComponent(inner.replace('identities/', ''))) : remove(owner)
  }

  function link(owner, { method, identifier, password }) {
    if (method === 'oidc') {
      const answer = agreed()
      return answer.statusCode ? answer : { statusCode: 201, data: identify(owner, 'oidc', 'school') }
    }
    if (method === 'password' && password !== owner.password) return problem(401, 'credentials_wrong')
    const taken = method === 'wechat' ? linked() : named(identifier)
    if (taken && taken !== owner) return problem(409, 'identity_taken')
    return { statusCode: 201, data: identify(owner, method === 'wechat' ? method : 'name', identifier || '微信') }
  }

  function unlink(owner, id) {
    if (owner.identities.length === 1) return problem(409, 'last_identity')
    owner.identities = owner.identities.filter((identity) => identity.id !== id)
    return DONE
  }

  function setPassword(owner, password, asking) {
    if (password.length < 8)
      return withMore(problem(422, 'password_weak'), { reason: 'short', detail: `“${password}” is too short` })
    owner.password = password
    backend.ids.filter((id) => id !== asking && signedIn[id] === owner).forEach(backend.end)
    return DONE
  }

  function remove(owner) {
    owners.splice(owners.indexOf(owner), 1)
    backend.ids.filter((id) => signedIn[id] === owner).forEach(backend.end)
    return DONE
  }

  function sessions(method, inner, sent, owner, asking) {
    const ids = backend.ids.filter((id) => signedIn[id] === owner && backend.isLive(id))
    const listed = ids.map((id, place) => ({
      id: `s/${place}`,
      here: id === asking,
      since: 1,
      used: 2,
      by: 'name',
      shown: '',
    }))
    if (method === 'GET') return { data: listed }
    backend.end(ids[listed.findIndex(({ id }) => id === decodeURIComponent(inner))])
    return DONE
  }

  const challenges = (method, inner, { purpose }) => ({
    statusCode: 202,
    data: Object.assign({}, CHALLENGE, purpose === 'oidc' ? { nonce: 'n-1' } : {}),
  })

  return accounts
}

function identify(owner, kind, shown) {
  const identity = { id: `i/${owner.identities.length}`, kind, shown, since: 1 }
  owner.identities.push(identity)
  return identity
}

const stateOf = ({ user, guest, password, identities }) => ({
  user,
  guest,
  password: password !== undefined,
  identities,
  proved: 1,
})

function withMore(response, more) {
  Object.assign(response.data, more)
  return response
}

/** A world whose server has accounts, and the account of its session. */
async function startAccount(options) {
  const world = await start()
  const accounts = addAccounts(world.backend)
  const { createAccount } = world.phone.require('wxsession/account')
  const account = createAccount(world.session, Object.assign({ host: world.phone.wx }, options))
  return Object.assign(world, { account, accounts, createAccount })
}

module.exports = { addAccounts, DEVICE, OTP, startAccount }
