/* For Node and JavaScriptCore's shell: a precise clock, and a library loaded as a mini program loads it. */
'use strict'

const { hiddenGlobals } = require('../../simulator/phone/scope')
const { platform } = require('../../simulator/phone')

/** What a set-up requires. Everything else is bundled. */
const PACKAGE = 'miniprogram_npm/wxsession/index'
const BESIDE = ['wxsession/plain', 'wxsession/signed']

const pathOf = (name) => (BESIDE.indexOf(name) < 0 ? PACKAGE : `miniprogram_npm/${name}`)

/* global preciseTime */
const now = typeof preciseTime === 'function' ? () => preciseTime() * 1000 : () => performance.now()

/** Timers of zero run as a promise reaction, to measure a library's work and not its idling. */
const timers = {
  setTimeout: (callback, milliseconds) =>
    milliseconds > 0 ? platform.timers.setTimeout(callback, milliseconds) : void Promise.resolve().then(callback),
  clearTimeout: (timer) => platform.timers.clearTimeout(timer),
}

/**
 * The libraries of a mini program.
 * @param {string} program Its folder.
 * @param {{wx: object, WXWebAssembly?: object}} scope
 */
function createLibraries(program, scope) {
  const seen = Object.assign(hiddenGlobals(), timers, scope)
  const names = Object.keys(seen)
  const values = names.map((name) => seen[name])
  const texts = new Map()
  const modules = new Map()

  function textOf(path) {
    if (!texts.has(path)) texts.set(path, platform.readText(`${program}/${path}.js`))
    return texts.get(path)
  }

  function run(path) {
    const module = { exports: {} }
    const code = new Function(...names, 'require', 'module', 'exports', textOf(path))
    code(...values, ours, module, module.exports)
    return module.exports
  }

  /** A script of the package. It runs once, however many others require it. */
  function ours(name) {
    const path = pathOf(name)
    if (!modules.has(path)) modules.set(path, run(path))
    return modules.get(path)
  }

  return {
    /** Reads the files, so that loading takes only as long as evaluating. */
    readAhead: (name) => [`libraries/${name}`, PACKAGE].concat(BESIDE.map(pathOf)).forEach(textOf),
    load: (name) => run(`libraries/${name}`),
  }
}

/** Prints the figures as one line, for the program that started this one. */
function report(value) {
  platform.print(JSON.stringify(value))
  platform.exit(false)
}

/** The values of `--name value` on the command line. */
function argument(name) {
  const place = platform.arguments.indexOf(`--${name}`)
  return place < 0 ? undefined : platform.arguments[place + 1]
}

module.exports = { argument, createLibraries, now, report }
