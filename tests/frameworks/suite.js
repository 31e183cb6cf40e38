/* The tests that each example must pass. */
'use strict'

const assert = require('assert')
const { execFileSync } = require('child_process')
const { copyFileSync, cpSync, readFileSync, rmSync } = require('fs')
const { join, resolve } = require('path')
const { build, install } = require('./build')
const { shownIn } = require('./documents')
const { inBrowser } = require('./browser')
const { open } = require('./phone')

const TSC = resolve(__dirname, '../../node_modules/typescript/bin/tsc')
const { PRODUCTS, SIGN_IN, SIGN_OUT } = require('./screen')

/**
 * The tests of the program on the phone, and of its pages in a browser.
 *
 * @param {import('./apps').App} app
 * @param {{tarball: string, folder: string, api: string, wechat: string}} world
 * @returns {{[sentence: string]: () => unknown}}
 */
function suite(app, world) {
  const folder = join(world.folder, app.name)
  const root = join(folder, app.output)
  const module = join(root, app.wasm)

  return {
    async 'is built by its framework'() {
      install(app.name, folder, world)
      await build(folder)
    },

    'is as the documents show it'() {
      const shown = shownIn(app.name)
      assert.ok(
        shown.some(({ file }) => file === 'src/session.ts'),
        'frameworks.md does not show src/session.ts',
      )
      for (const { file, lines } of shown) {
        const written = readFileSync(join(folder, file), 'utf8')
          .split('\n')
          .map((line) => line.trim())
        assert.deepStrictEqual(
          lines.filter((line) => !written.includes(line)),
          [],
          `lines that ${file} has not`,
        )
      }
    },

    'is right in its types'() {
      execFileSync('node', [TSC, '--project', folder], { encoding: 'utf8' })
    },

    'has the module byte for byte where it asks for it'() {
      const shipped = readFileSync(join(folder, 'node_modules/wxsession/miniprogram/wxsession.wasm.br'))
      assert.ok(readFileSync(module).equals(shipped), `${app.wasm} is not the package's`)
    },

    async 'signs in once, and shows the products'() {
      const phone = open(app, root, world)
      await phone.shows('signed-in', ...PRODUCTS)
      assert.deepStrictEqual(phone.requestsByPath(), { '/wx/onlogin': 1, '/wx/products/list': 1 })
      assert.deepStrictEqual(phone.modulesAskedFor, [`/${app.wasm}`])
      phone.close()
    },

    async 'shows the state to a page that is opened when it no longer changes'() {
      const phone = open(app, root, world)
      await phone.shows('signed-in', ...PRODUCTS)
      phone.openAgain()
      await phone.shows('signed-in', ...PRODUCTS)
      phone.close()
    },

    async 'signs out, here and on the server, and in again'() {
      const phone = open(app, root, world)
      await phone.shows('signed-in', ...PRODUCTS)
      const sessionid = phone.sessionInUse()
      phone.tap(SIGN_OUT)
      await phone.shows('signed-out')
      await phone.showsNo(PRODUCTS[0])
      const { status } = await fetch(`${world.api}/wx/session`, { headers: { sessionid } })
      assert.strictEqual(status, 401)
      phone.tap(SIGN_IN)
      await phone.shows('signed-in', ...PRODUCTS)
      phone.close()
    },

    async 'names the remedy where the module was not copied, and goes on when it is there'() {
      const without = `${root}-without-module`
      rmSync(without, { recursive: true, force: true })
      cpSync(root, without, { recursive: true })
      rmSync(join(without, app.wasm))
      const phone = open(app, without, world)
      await phone.shows('小程序没有加载完整，请重新打开')
      copyFileSync(module, join(without, app.wasm))
      phone.tap(SIGN_IN)
      await phone.shows('signed-in', ...PRODUCTS)
      phone.close()
    },

    ...(app.pages ? inBrowser(app, folder, world) : {}),
  }
}

module.exports = { suite }
