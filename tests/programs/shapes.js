/* Programs of other shapes than the example, each with the package in its own place. */
'use strict'

const path = require('path')
const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const {
  arguments: { api },
  addPackage,
  programOf,
  unpack,
} = require('./folders')
const official = require('./official')
const { MODULE, SCRIPT, isByteForByte, isWhole } = require('./packed')
const { start, until } = require('./running')

const test = group('shapes')

const PACKAGE = 'miniprogram_npm/wxsession'
const SETTING = {
  es6: true,
  enhance: true,
  babelSetting: { ignore: [`${PACKAGE}/*`], disablePlugins: [], outputPath: '' },
}
const MANIFEST = { name: 'shape', private: true, dependencies: { wxsession: '*' } }

/** A page that lists the products. @param {string} [wasmPath] For programs in which the default is wrong. */
function listing(wasmPath) {
  const options = JSON.stringify({ loginUrl: `${api}/wx/onlogin`, wasmPath })
  return `const { createSession } = require('wxsession')
    const session = createSession(${options})
    Page({
      data: { products: [], problem: '' },
      onLoad() {
        session.request({
          url: '/wx/products/list',
          success: ({ data }) => this.setData({ products: data }),
          fail: ({ code, message }) => this.setData({ problem: code + ': ' + message })
        })
      }
    })`
}

/** The four files of a page. */
function page(name, script) {
  return {
    [`${name}.js`]: script,
    [`${name}.wxml`]: '<view>{{problem}}</view>',
    [`${name}.json`]: {},
    [`${name}.wxss`]: '',
  }
}

const config = (more, setting) =>
  Object.assign(
    { compileType: 'miniprogram', projectname: 'shape', setting: Object.assign({}, SETTING, setting) },
    more,
  )

/** Checks an upload, runs the program, and waits until the page lists the products. */
async function lists(name, files, { packageIn, route }) {
  isByteForByte(files, packageIn, SCRIPT)
  isByteForByte(files, packageIn, MODULE)
  const phone = start(unpack(name, files))
  // A plugin has pages but no app.
  const opened = files.has('app.js') ? phone.launch(route) : phone.open(route)
  await until(opened, ({ products, problem }) => products.length > 0 || problem)
  equal([opened.data.problem, opened.data.products.length, phone.counts.logins], ['', 3, 1])
}

/** A mini program in a subfolder of its project (miniprogramRoot), with the package in three places. Compiled once. */
let places

async function inPlaces() {
  if (places) return places
  const own = (root) => listing(`/${root}/${PACKAGE}/${MODULE}`)
  const subPackages = [
    { root: 'near', pages: ['list'] },
    { root: 'apart', pages: ['list'], independent: true },
    { root: 'far', pages: ['list'] },
  ]
  const folder = programOf('places', {
    'project.config.json': config({ miniprogramRoot: 'miniprogram/' }),
    ...prefixed('miniprogram/', {
      'package.json': MANIFEST,
      'app.json': { pages: ['list'], subPackages },
      'app.js': 'App({})',
      ...page('list', listing()),
      'near/package.json': MANIFEST,
      ...page('near/list', own('near')),
      'apart/package.json': MANIFEST,
      ...page('apart/list', own('apart')),
      ...page('far/list', listing()),
    }),
  })
  for (const root of ['', 'near', 'apart']) addPackage(path.join(folder, 'miniprogram', root))
  const project = official.open(folder)
  equal(await official.packNpm(project), [])
  for (const root of ['', 'near', 'apart']) isWhole(path.join(folder, 'miniprogram', root, PACKAGE))
  places = await official.compile(project)
  return places
}

test('the mini program is in a folder of its project (miniprogramRoot)', async () => {
  await lists('main', await inPlaces(), { packageIn: PACKAGE, route: 'list' })
})

test('a subpackage has the package of its own, and wasmPath says so', async () => {
  await lists('near', await inPlaces(), { packageIn: `near/${PACKAGE}`, route: 'near/list' })
})

test('an independent subpackage has the package of its own, and wasmPath says so', async () => {
  await lists('apart', await inPlaces(), { packageIn: `apart/${PACKAGE}`, route: 'apart/list' })
})

test('a subpackage uses the package of the main one, without a wasmPath', async () => {
  await lists('far', await inPlaces(), { packageIn: PACKAGE, route: 'far/list' })
})

test('npm is built from one folder to another (packNpmManually)', async () => {
  const folder = programOf('manual', {
    'project.config.json': config(
      { miniprogramRoot: 'dist/' },
      {
        packNpmManually: true,
        packNpmRelationList: [{ packageJsonPath: './package.json', miniprogramNpmDistDir: './dist/' }],
      },
    ),
    'package.json': MANIFEST,
    ...prefixed('dist/', { 'app.json': { pages: ['list'] }, 'app.js': 'App({})', ...page('list', listing()) }),
  })
  addPackage(folder)
  equal(await official.packNpmManually(path.join(folder, 'package.json'), path.join(folder, 'dist')), [])
  isWhole(path.join(folder, 'dist', PACKAGE))
  await lists('manual', await official.compile(official.open(folder)), { packageIn: PACKAGE, route: 'list' })
})

test('a plugin has the package of its own', async () => {
  const folder = programOf('plugin', {
    'project.config.json': config({ compileType: 'plugin', pluginRoot: 'plugin/', miniprogramRoot: 'miniprogram/' }),
    'miniprogram/app.json': { pages: ['index'] },
    'miniprogram/app.js': 'App({})',
    ...prefixed('miniprogram/', page('index', 'Page({})')),
    'plugin/package.json': MANIFEST,
    'plugin/plugin.json': { publicComponents: {}, pages: { list: 'list' }, main: 'main.js' },
    'plugin/main.js': 'module.exports = {}',
    ...prefixed('plugin/', page('list', listing())),
  })
  addPackage(path.join(folder, 'plugin'))
  const project = official.open(folder, 'miniProgramPlugin')
  equal(await official.packNpm(project), [])
  isWhole(path.join(folder, 'plugin', PACKAGE))
  const files = await official.compile(project)
  const own = Array.from(files).filter(([file]) => file.startsWith('plugin/'))
  const inside = new Map(own.map(([file, content]) => [file.slice('plugin/'.length), content]))
  await lists('plugin', inside, { packageIn: PACKAGE, route: 'list' })
})

function prefixed(folder, files) {
  return Object.fromEntries(Object.entries(files).map(([file, content]) => [folder + file, content]))
}
