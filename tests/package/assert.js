/* Assertions, and the comparison that they share. */
'use strict'

/** Whether two values are deeply equal. Prototypes count only for arrays and buffers. */
function same(one, other) {
  if (Object.is(one, other)) return true
  if (Object(one) !== one || Object(other) !== other) return false
  const kind = (value) => Object.prototype.toString.call(value)
  if (kind(one) !== kind(other) || typeof one === 'function') return false
  if (one instanceof ArrayBuffer) return same(Array.from(new Uint8Array(one)), Array.from(new Uint8Array(other)))
  const names = Object.keys(one).sort()
  const others = Object.keys(other).sort()
  return (
    names.length === others.length &&
    names.every((name, place) => name === others[place] && same(one[name], other[name]))
  )
}

function equal(found, expected, what) {
  if (same(found, expected)) return
  throw new Error(`${what ? `${what}: ` : ''}expected ${shown(expected)}, found ${shown(found)}`)
}

function ok(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`)
}

/** Returns what `body` throws. */
function thrownBy(body) {
  try {
    body()
  } catch (error) {
    return error
  }
  throw new Error(`nothing was thrown by ${body}`)
}

function shown(value) {
  const text = (name, inner) => {
    if (inner instanceof ArrayBuffer) return { bytes: Array.from(new Uint8Array(inner)) }
    return inner === undefined ? '(undefined)' : typeof inner === 'symbol' ? String(inner) : inner
  }
  return value instanceof Error ? String(value) : JSON.stringify(value, text)
}

module.exports = { equal, ok, thrownBy }
