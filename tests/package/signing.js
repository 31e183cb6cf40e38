/* Worlds whose sessions sign their requests. */
'use strict'

const { start } = require('./start')

/** A host that signs. */
const signing = (phone, loginUrl) => phone.require('wxsession/signed').signed(phone.wx, loginUrl)

/** A host that does not, whatever the command line says. */
const plain = (phone) => phone.wx

/**
 * As `start`, with a session whose requests are signed.
 *
 * @param {{[name: string]: any}} [setting]
 */
function startSigned(setting) {
  const { options, ...rest } = Object.assign({}, setting)
  return start(Object.assign(rest, { options: Object.assign({ hostOf: signing }, options) }))
}

/** A live session whose requests are signed. */
const live = async (setting) => (await startSigned(setting)).signedIn()

module.exports = { live, plain, signing, startSigned }
