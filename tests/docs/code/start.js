/* A phone with the files of a guide, and a stand-in for the server that the guide is about. */
'use strict'

const http = require('http')
const { platform, startPhone } = require('../../../simulator/phone')
const { program } = require('../../package/arguments')
const { equal } = require('../../package/assert')
const { afterwards } = require('../../package/runner')

const ROOT = program.replace(/\/$/, '')
const ADDRESS = 'https://api.example.com'

// Shared by all phones, so that no server sees a code twice.
let codes = 0

/**
 * @param {{files: Map<string, string>}} guide
 * @param {{app: Function, folders?: {[inside: string]: string}}} service The server, and folders to put into
 *   the mini program.
 * @param {'before' | 'one line later'} [when] Takes the guide's files with this word after their names.
 * @returns {Promise<{phone: ReturnType<typeof startPhone>, url: string, run: (name: string) => any}>} `run` runs a
 *   file of the guide.
 */
async function start(guide, service, when) {
  const url = await listen(service.app)
  const folders = Object.entries(service.folders || {})
  const readText = (path) => {
    const name = path.slice(ROOT.length + 1)
    const source = guide.files.get(when ? `${name}, ${when}` : name)
    if (source !== undefined) return source.split(ADDRESS).join(url)
    const [inside, folder] = folders.find(([inside]) => name.startsWith(inside)) || []
    return platform.readText(folder ? folder + name.slice(inside.length) : path)
  }
  // Where a guide for uni-app has its build copy the module.
  const readModule = (path) =>
    platform.readModule(
      path.replace(`${ROOT}/wxsession.wasm.br`, `${ROOT}/miniprogram_npm/wxsession/wxsession.wasm.br`),
    )
  const phone = startPhone({
    root: ROOT,
    newCode: () => `code-${++codes}`,
    platform: Object.assign({}, platform, { readText, readModule }),
  })
  afterwards(() => {
    phone.stop()
    equal(
      phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
      [],
    )
  })
  return { phone, url, run: (name) => phone.require(`./${name}`) }
}

function listen(app) {
  const server = http.createServer(app)
  afterwards(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('net').AddressInfo} */ (server.address())
      resolve(`http://127.0.0.1:${port}`)
    })
  })
}

/**
 * Runs a piece of a server's code.
 *
 * @param {string} source
 * @param {{[name: string]: unknown}} [packages] Packages that the code requires and that are not installed here.
 * @param {{[name: string]: unknown}} [names] Further names that the code finds.
 * @returns {any} What it exports.
 */
function runOnServer(source, packages, names) {
  /** @type {{exports: any}} */
  const module = { exports: {} }
  const find = (name) => (packages && name in packages ? packages[name] : require(name))
  const given = Object.keys(names || {})
  const run = new Function('require', 'module', 'console', ...given, source)
  run(find, module, { error() {} }, ...given.map((name) => names[name]))
  return module.exports
}

module.exports = { runOnServer, start }
