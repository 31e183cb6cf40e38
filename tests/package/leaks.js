/* Everything that a value reveals when it is printed, logged or inspected. */
'use strict'

/** The texts in a value: its printed form and all its own properties, even hidden ones. */
function textsOf(value, known) {
  const seen = known || new Set()
  if (Object(value) !== value) return [String(value)]
  if (seen.has(value)) return []
  seen.add(value)
  const inner = Object.getOwnPropertyNames(value).map((name) => {
    const { value: property } = Object.getOwnPropertyDescriptor(value, name)
    return [name].concat(textsOf(property, seen))
  })
  return [printed(value)].concat(...inner)
}

function printed(value) {
  try {
    return `${value}`
  } catch (unprintable) {
    return ''
  }
}

/** The secrets that any of the values reveals. */
function leaked(values, secrets) {
  const texts = textsOf(values)
  return secrets.filter((secret) => texts.some((text) => text.indexOf(secret) >= 0))
}

module.exports = { leaked }
