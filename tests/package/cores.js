/* A core that is the module and the plain script at once: a call that they answer differently throws. */
'use strict'

const { compared, exportNames, moduleInstance, scriptInstance } = require('./modules')

/**
 * A core that is both, by the names of its exports.
 *
 * @returns {Promise<{[name: string]: (...given: any[]) => any}>}
 */
async function both() {
  const core = compared(await moduleInstance(), scriptInstance())
  const names = exportNames()
  return Object.keys(names).reduce((all, name) => Object.assign(all, { [name]: core[names[name]] }), {})
}

/** Takes every errand, and returns their kinds and arguments. */
function drain(core) {
  const taken = []
  let kind
  while ((kind = core.next()) >= 0) taken.push([kind].concat([0, 1, 2].map((place) => core.argument(place))))
  return taken
}

module.exports = { both, drain }
