/* Runs a CommonJS program in JavaScriptCore's shell: jsc simulator/phone/jsc.js -- program.js [arguments] */
'use strict'
;(function (program, rest) {
  const here = new Error().sourceURL.replace(/[^/]*$/, '')
  const loader = { exports: {} }
  new Function('module', readFile(`${here}modules.js`))(loader)
  const { beside, createModules, withEndings } = loader.exports
  const isData = (path) => /\.json$/.test(path)

  const modules = createModules({
    readText: (path) => (isData(path) ? `module.exports = ${readFile(path)}` : readFile(path)),
    candidates: (specifier, from) =>
      isData(specifier) ? [beside(from, specifier)] : withEndings(beside(from, specifier)),
    scope: { programArguments: rest },
  })
  modules.require(program)
  // @ts-expect-error: the shell's arguments, outside any function.
})(arguments[0], Array.prototype.slice.call(arguments, 1))
