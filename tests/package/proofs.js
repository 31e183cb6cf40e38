/* The proofs of signed requests, as a server makes keys and checks proofs: RFC 9421 with two lists of components. */
'use strict'

const { base64, fromBase64, hmac, sha256 } = require('./hmac')

const HEAD = '"@method" "@path" "@query"'
const INPUT = new RegExp(`^wx=(\\((${HEAD})( "content-digest")?\\);created=(\\d+);nonce="[\\w-]{1,64}")$`)
/** Seconds. */
const MOST_OFF = 120

let made = 0

/** @param {() => number} now Milliseconds since 1970. */
function createProofs(now) {
  const keys = new Map()
  const seen = new Set()

  const proofs = {
    /** Every key that was given. */
    given: [],
    /** Why requests were refused. */
    refused: [],
    /** Seconds by which the server's clock is ahead of the phone's. */
    ahead: 0,
    seconds: () => Math.floor(now() / 1000) + proofs.ahead,

    /** What a sign-in is answered besides, where the phone asks for a key. */
    offer(id) {
      const secret = `secret-key-${++made}`
      const key = base64(sha256(secret.split('').map((character) => character.charCodeAt(0))))
      const spelled = key.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
      keys.set(id, fromBase64(spelled))
      proofs.given.push(spelled)
      return { key: spelled, now: proofs.seconds() }
    },

    /** The code with which a request of this session is refused, if it is. */
    refusal({ method, target, header, bytes, form }, id) {
      const key = keys.get(id)
      const { 'signature-input': input, signature, 'content-digest': digest } = header
      if (!key) return id && (input || signature || digest) ? 'proof_of_no_key' : undefined
      if (!input || !signature) return 'proof_missing'
      const [, parameters, , hasDigest, created] = INPUT.exec(input) || []
      if (!parameters || Boolean(hasDigest) !== (digest !== undefined)) return 'proof_invalid'
      const base = baseOf(method, target, digest, parameters)
      if (signature !== `wx=:${base64(hmac(key, codesOf(base)))}:`) return 'proof_invalid'
      if (Math.abs(proofs.seconds() - Number(created)) > MOST_OFF) return 'proof_late'
      if (!/^(GET|HEAD)$/.test(method)) {
        if (seen.has(signature)) return 'proof_replayed'
        seen.add(signature)
      }
      if (digest && digest !== `sha-256=:${base64(sha256(bytes))}:`) return 'body_altered'
      // A body that a phone knows has a digest.
      return digest || form || bytes.length === 0 || method === 'DELETE' ? undefined : 'body_without_digest'
    },
  }
  return proofs
}

/** The string to sign. @returns {string} */
function baseOf(method, target, digest, parameters) {
  const [path, query] = target.split(/\?(.*)/)
  const lines = [`"@method": ${method}`, `"@path": ${path}`, `"@query": ?${query || ''}`]
  if (digest) lines.push(`"content-digest": ${digest}`)
  return lines.concat(`"@signature-params": ${parameters}`).join('\n')
}

const codesOf = (text) => text.split('').map((character) => character.charCodeAt(0))

module.exports = { createProofs }
