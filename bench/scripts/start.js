/*
 * Measures a cold start in a process of its own, from evaluating the scripts to the first call with the session.
 *   node bench/scripts/start.js --program FOLDER --library NAME [--storage FILE]
 *
 * The file holds the phone's storage: it is read if it exists, and otherwise written at the end. All files are read in
 * advance. The measured time includes compiling the scripts, and unpacking, compiling and instantiating the module.
 */
'use strict'

const fs = require('fs')
const zlib = require('zlib')
const { argument, createLibraries, now, report } = require('./engine')
const { CALL_URL, LOGIN_URL, createStub, isSignedIn } = require('./stub')

const program = argument('program')
const name = argument('library')
const storage = argument('storage')

const isKept = storage !== undefined && fs.existsSync(storage)
const shelf = new Map(isKept ? JSON.parse(fs.readFileSync(storage, 'utf8')) : [])
const packed = fs.readFileSync(`${program}/miniprogram_npm/wxsession/wxsession.wasm.br`)
const times = {}
const mark = (event) => {
  times[event] = times[event] || now()
}

const wx = createStub(shelf)
const { request } = wx
wx.request = (options) => {
  if (options.url === CALL_URL && isSignedIn(options)) mark('header')
  return request(options)
}
const WXWebAssembly = {
  instantiate(path, imports) {
    mark('asked')
    const bytes = zlib.brotliDecompressSync(packed)
    mark('unpacked')
    return WebAssembly.instantiate(bytes, imports).then((loaded) => {
      mark('compiled')
      return loaded
    })
  },
}

const libraries = createLibraries(program, { wx, WXWebAssembly })
libraries.readAhead(name)
warmUp()
mark('began')
const { setUp } = libraries.load(name)
mark('evaluated')
const library = setUp({ loginUrl: LOGIN_URL })
library.request(CALL_URL, () => setImmediate(tell), fail)

/** Warms up the bench's and WeChat's own code, which is running already when a phone starts a program. */
function warmUp() {
  zlib.brotliDecompressSync(packed)
  isSignedIn({ header: { sessionid: '' } })
  clearTimeout(setTimeout(() => {}, 1))
  libraries.load('bare')
  now()
}

function tell() {
  if (!times.header) fail(new Error('no call carried a session'))
  const since = (event, start) => times[event] && times[event] - times[start]
  if (storage && !isKept) fs.writeFileSync(storage, JSON.stringify(Array.from(shelf)))
  report({
    library: name,
    total: since('header', 'began'),
    scripts: since('evaluated', 'began'),
    unpacking: since('unpacked', 'asked'),
    compiling: since('compiled', 'unpacked'),
  })
}

function fail(error) {
  console.error(error)
  process.exit(1)
}
