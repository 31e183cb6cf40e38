/* examples/miniprogram as WeChat's builder compiles it, by several settings. Each is made once. */
'use strict'

const path = require('path')
const { equal } = require('../package/assert')
const { copyOfExample, set, unpack, write } = require('./folders')
const official = require('./official')
const { isWhole } = require('./packed')

const PACKAGE = 'miniprogram_npm/wxsession'

/** Settings of the developer tools, and whether the tools keep the script unchanged. */
const WAYS = [
  { way: 'with es6', settings: { es6: true, enhance: true }, isKept: true },
  { way: 'without es6', settings: { es6: false, enhance: false }, isKept: true },
  { way: 'with es6 by SWC', settings: { es6: true, enhance: true, disableSWC: false }, isKept: true },
  {
    way: 'with es6 and minified, without the example’s own settings',
    settings: {
      es6: true,
      enhance: true,
      minified: true,
      babelSetting: { ignore: [], disablePlugins: [], outputPath: '' },
    },
    isKept: false,
  },
]

/** @type {Map<string, Promise<{root: string, files: Map<string, Buffer>}>>} */
const builds = new Map()

/** The folder of the compiled example, and the files of its upload. */
function compiled({ way, settings }) {
  if (!builds.has(way)) builds.set(way, build(`example-${WAYS.findIndex((one) => one.way === way)}`, settings))
  return builds.get(way)
}

async function build(name, settings) {
  const folder = copyOfExample('miniprogram', name)
  set(folder, settings)
  const project = official.open(folder)
  equal(await official.packNpm(project), [], 'warnings of 构建 npm')
  isWhole(path.join(folder, PACKAGE))
  const files = await official.compile(project)
  return { root: unpack(path.basename(folder), files), files }
}

/** The folder of the compiled example, changed to ask another server. */
async function before(server, way = WAYS[0]) {
  const { root } = await compiled(way)
  write(root, { 'config.js': `module.exports = { server: ${JSON.stringify(server)}, thirdParty: 'school' }` })
  return root
}

module.exports = { PACKAGE, WAYS, before, compiled }
