/* examples/miniprogram-typescript, compiled by the builder's own TypeScript. */
'use strict'

const path = require('path')
const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const {
  arguments: { api },
  copyOfExample,
  unpack,
  write,
} = require('./folders')
const { bindsWhatIsThere } = require('./markup')
const official = require('./official')
const { MODULE, SCRIPT, isByteForByte } = require('./packed')
const { start, until } = require('./running')

const test = group('TypeScript')

test('the example in TypeScript is compiled and runs', async () => {
  const folder = copyOfExample('miniprogram-typescript', 'typescript')
  write(folder, { 'server.ts': `export const server = '${api}'\n` })
  const project = official.open(folder)
  equal(await official.packNpm(project), [])
  const files = await official.compile(project)
  isByteForByte(files, 'miniprogram_npm/wxsession', SCRIPT)
  isByteForByte(files, 'miniprogram_npm/wxsession', MODULE)
  equal(
    Array.from(files.keys()).filter((file) => path.extname(file) === '.ts'),
    [],
  )

  const phone = start(unpack('typescript', files))
  const page = phone.launch()
  bindsWhatIsThere(path.join(folder, 'pages/index/index.wxml'), page)
  await until(page, ({ products }) => products.length === 3)
  equal([page.data.state, page.data.problem, phone.counts.logins], ['signed-in', '', 1])
  await page.signOut()
  await page.load()
  equal([page.data.state, page.data.problem], ['signed-out', '你已退出登录'])
  await page.retry()
  equal([page.data.state, page.data.problem, phone.counts.logins], ['signed-in', '', 2])
})
