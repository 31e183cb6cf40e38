/* CommonJS without Node: finds, wraps and runs modules. This file requires none itself, so that jsc can load it first. */
'use strict'

/**
 * @param {object} world
 * @param {(path: string) => string} world.readText Throws if there is no such file.
 * @param {(specifier: string, from: string) => string[]} world.candidates The files a specifier may mean, in order.
 * @param {{[name: string]: unknown}} world.scope What modules see besides `require`, `module` and `exports`;
 *   a name with the value undefined hides a global of that name.
 * @returns {{ require(specifier: string): any }}
 */
function createModules({ readText, candidates, scope }) {
  /** @type {Map<string, {exports: any}>} */
  const loaded = new Map()
  const names = Object.keys(scope)
  const values = names.map((name) => scope[name])

  function requireFrom(from) {
    return function require(specifier) {
      for (const path of candidates(specifier, from)) {
        const module = loaded.get(path) || load(path)
        if (module) return module.exports
      }
      throw new Error(`module '${specifier}' is not defined, required from '${from || 'the start'}'`)
    }
  }

  function load(path) {
    let source
    try {
      source = readText(path)
    } catch (missing) {
      return undefined
    }
    const module = { id: path, exports: {} }
    // Before the module runs, because modules may require each other in a circle.
    loaded.set(path, module)
    try {
      // Two functions, so that a module may declare for itself what the outer one hides.
      const wrapped = `return function (require, module, exports) {${source}\n}\n//# sourceURL=${path}`
      const run = new Function(...names, wrapped)(...values)
      run.call(module.exports, requireFrom(path), module, module.exports)
    } catch (thrown) {
      loaded.delete(path)
      throw thrown
    }
    return module
  }

  return { require: requireFrom('') }
}

/** Joins a path to the folder of a file, and resolves `.` and `..`. */
function beside(file, path) {
  const absolute = (path[0] === '/' ? path : file)[0] === '/'
  const parts = path[0] === '/' ? [] : file.split('/').slice(0, -1)
  const kept = []
  for (const part of parts.concat(path.split('/'))) {
    if (part === '' || part === '.') continue
    if (part === '..' && kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop()
    else kept.push(part)
  }
  return (absolute ? '/' : '') + kept.join('/')
}

/** The files that a path without an extension may mean. */
function withEndings(path) {
  return /\.js$/.test(path) ? [path] : [`${path}.js`, `${path}/index.js`]
}

module.exports = { beside, createModules, withEndings }
