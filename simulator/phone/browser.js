/*
 * Runs a CommonJS program in a browser's worker: new Worker('/simulator/phone/browser.js?program=/program.js'), with
 * `&argument=` for each argument. Modules become functions as they do elsewhere, so the worker, and only it, needs
 * `script-src 'self' 'unsafe-eval'`.
 */
'use strict'
;(function () {
  const readText = (path) => {
    const asking = new XMLHttpRequest()
    asking.open('GET', path, false)
    asking.send()
    if (asking.status !== 200) throw new Error(`${path} is answered with ${asking.status}`)
    return asking.responseText
  }
  const here = location.pathname.replace(/[^/]*$/, '')
  const loader = { exports: {} }
  new Function('module', readText(`${here}modules.js`))(loader)
  const { beside, createModules, withEndings } = loader.exports

  const isData = (path) => /\.json$/.test(path)

  const modules = createModules({
    readText: (path) => (isData(path) ? `module.exports = ${readText(path)}` : readText(path)),
    candidates: (specifier, from) =>
      isData(specifier) ? [beside(from, specifier)] : withEndings(beside(from, specifier)),
    scope: {},
  })
  modules.require(new URLSearchParams(location.search).get('program'))
})()
