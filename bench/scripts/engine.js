/* The same on Node and in JavaScriptCore's shell: a precise clock, and a library loaded as a mini program loads it. */
'use strict'

const { hiddenGlobals } = require('../../simulator/phone/scope')
const { platform } = require('../../simulator/phone')

/** The one module that a set-up requires; everything else is bundled with it. */
const PACKAGE = 'miniprogram_npm/wxsession/index'

/* global preciseTime */
const now = typeof preciseTime === 'function' ? () => preciseTime() * 1000 : () => performance.now()

/** Those of no time run in the next turn of promises: what counts is what a library does, not how it idles. */
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

  function textOf(path) {
    if (!texts.has(path)) texts.set(path, platform.readText(`${program}/${path}.js`))
    return texts.get(path)
  }

  function run(path) {
    const module = { exports: {} }
    const code = new Function(...names, 'require', 'module', 'exports', textOf(path))
    code(...values, () => run(PACKAGE), module, module.exports)
    return module.exports
  }

  return {
    /** So that loading takes only what evaluating takes. */
    readAhead: (name) => [`libraries/${name}`, PACKAGE].forEach(textOf),
    load: (name) => run(`libraries/${name}`),
  }
}

/** One line for whoever started this. */
function report(value) {
  platform.print(JSON.stringify(value))
  platform.exit(false)
}

/** `--name value` of the command line. */
function argument(name) {
  const place = platform.arguments.indexOf(`--${name}`)
  return place < 0 ? undefined : platform.arguments[place + 1]
}

module.exports = { argument, createLibraries, now, report }
