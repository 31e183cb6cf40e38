/* A program that requires `wxsession/plain`, built by WeChat's tools, on phones with and without WebAssembly. */
'use strict'

const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const {
  arguments: { api },
  addPackage,
  programOf,
  unpack,
} = require('./folders')
const official = require('./official')
const { isByteForByte } = require('./packed')
const { start, until } = require('./running')

const test = group('plain')

const PACKAGE = 'miniprogram_npm/wxsession'

/** @param {boolean} requires Whether the program requires the script. */
async function compiled(requires) {
  const name = requires ? 'with-plain' : 'without-plain'
  const folder = programOf(name, {
    'project.config.json': {
      compileType: 'miniprogram',
      projectname: name,
      setting: {
        es6: true,
        enhance: true,
        babelSetting: { ignore: [`${PACKAGE}/*`], disablePlugins: [], outputPath: '' },
      },
    },
    'package.json': { name, private: true, dependencies: { wxsession: '*' } },
    'app.json': { pages: ['page'] },
    'app.js': `${requires ? "require('wxsession/plain')\n" : ''}App({})`,
    'page.wxml': '<view>{{products.length}}</view>',
    'page.wxss': '',
    'page.json': {},
    'page.js': `const { createSession } = require('wxsession')
      const session = createSession({ loginUrl: '${api}/wx/onlogin' })
      Page({
        data: { products: [], problem: '' },
        async onLoad() {
          try {
            const { data } = await session.request({ url: '/wx/products/list' })
            this.setData({ products: data })
          } catch ({ code }) {
            this.setData({ problem: code })
          }
        }
      })`,
  })
  addPackage(folder)
  const project = official.open(folder)
  equal(await official.packNpm(project), [])
  return { name, files: await official.compile(project) }
}

/** What the program shows on a phone, and how often it was signed in. */
async function shown({ name, files }, phoneOptions) {
  const phone = start(unpack(name, files), phoneOptions)
  const { data } = await launched(phone)
  return [data.problem, data.products.length, phone.counts.logins]
}

async function launched(phone) {
  const page = phone.launch('page')
  await until(page, ({ products, problem }) => products.length > 0 || problem)
  return page
}

const WITHOUT = { hooks: { instantiate: () => ({ fail: new Error('WebAssembly is disabled') }) } }

test('a program that requires the script works where WebAssembly runs and where it does not', async () => {
  const program = await compiled(true)
  isByteForByte(program.files, PACKAGE, 'plain.js')
  equal(await shown(program, {}), ['', 3, 1])
  equal(await shown(program, WITHOUT), ['', 3, 1])
})

test('a program that does not require it is told so', async () => {
  equal(await shown(await compiled(false), WITHOUT), ['load_failed', 0, 0])
})
