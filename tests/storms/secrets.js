/* The secrets of a storm: session ids, login codes, and words that users type. Each is recognised wherever it turns up. */
'use strict'

const SECRET = /secret-(?:id|code|word)-\d+-x/g

/** The secrets of a kind in these values, or all of them. */
function secretsIn(values, kind = '') {
  const found = textOf(values).match(SECRET) || []
  return Array.from(new Set(found)).filter((secret) => secret.startsWith(`secret-${kind}`))
}

/** Everything that values tell, also what JSON leaves out of errors. */
function textOf(values) {
  return JSON.stringify(values, (_, value) =>
    value instanceof Error ? Object.assign({ message: value.message, stack: value.stack }, value) : value,
  )
}

module.exports = { secretsIn }
