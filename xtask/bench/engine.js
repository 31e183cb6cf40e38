/* The same on Node and in JavaScriptCore's shell: a precise clock, and a library loaded as a mini program loads it. */
'use strict'

const { createModules } = require('../../simulator/wx/modules')
const { hiddenGlobals } = require('../../simulator/wx/scope')
const { platform } = require('../../simulator/wx')

const PACKAGE = 'miniprogram_npm/wxsession/index'

/* global preciseTime */
const now = typeof preciseTime === 'function' ? () => preciseTime() * 1000 : () => performance.now()

/** Those of no time run in the next turn of promises: what counts is what a library does, not how it idles. */
const timers = {
  setTimeout: (callback, milliseconds) =>
    milliseconds > 0 ? platform.timers.setTimeout(callback, milliseconds) : void Promise.resolve().then(callback),
  clearTimeout: (timer) => platform.timers.clearTimeout(timer)
}

/**
 * The libraries of a mini program, read before the clock starts.
 * @param {string} program Its folder.
 * @param {{wx: object, WXWebAssembly?: object}} scope
 */
function createLibraries(program, scope) {
  const texts = new Map()
  const readText = (path) => {
    if (!texts.has(path)) texts.set(path, platform.readText(path))
    return texts.get(path)
  }
  const modules = createModules({
    readText,
    candidates: (specifier) => [`${program}/${specifier === 'wxsession' ? PACKAGE : specifier}.js`],
    scope: Object.assign(hiddenGlobals(), timers, scope)
  })
  return {
    /** So that loading takes only what evaluating takes. */
    readAhead(name) {
      readText(`${program}/libraries/${name}.js`)
      readText(`${program}/miniprogram_npm/wxsession/index.js`)
    },
    load: (name) => modules.require(`libraries/${name}`)
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
