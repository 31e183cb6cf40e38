/* `create-wxsession`: what it refuses, what it writes, and that the programs without a framework run as they are. */
'use strict'

const { execFileSync, spawn, spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { equal, ok } = require('../package/assert')
const { afterwards, group } = require('../package/runner')
const {
  TOP,
  arguments: { api, tarball },
  programOf,
  unpack,
} = require('./folders')
const { bindsWhatIsThere } = require('./markup')
const official = require('./official')
const { MODULE, SCRIPT, isByteForByte } = require('./packed')
const { start, until } = require('./running')

const test = group('a new program')

const EXAMPLES = {
  taro: 'taro',
  'uni-app': 'uni-app',
  'weapp-vite': 'weapp-vite',
  typescript: 'miniprogram-typescript',
}
const APPID = 'wx0123456789abcdef'

/** Runs the command of the packed tarball in a folder, without a terminal. */
function create(folder, ...words) {
  const command = installed()
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr }
}

let command = ''

function installed() {
  if (!command) {
    const folder = programOf('initialiser', {})
    const packed = path.join(path.dirname(tarball), `create-${path.basename(tarball)}`)
    execFileSync('tar', ['--extract', '--gzip', '--file', packed, '--directory', folder])
    const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package/package.json'), 'utf8'))
    command = path.resolve(folder, 'package', bin['create-wxsession'])
  }
  return command
}

for (const [kind, session] of [
  ['plain', 'session.js'],
  ['typescript', 'session.ts'],
]) {
  test(`${kind}: opened as it was written, it signs in, shows what the server has, and signs out`, async () => {
    const folder = programOf(`created-${kind}`, {})
    equal(create(folder, 'tea', '--kind', kind, '--server', api).status, 0)
    const root = path.join(folder, 'tea')
    ok(fs.readFileSync(path.join(root, session), 'utf8').includes('createSession'), 'has a session module')
    // Neither npm nor 构建 npm has run.
    const files = await official.compile(official.open(root))
    isByteForByte(files, 'miniprogram_npm/wxsession', SCRIPT)
    isByteForByte(files, 'miniprogram_npm/wxsession', MODULE)

    const phone = start(unpack(`created-${kind}`, files))
    const page = phone.launch()
    bindsWhatIsThere(path.join(root, 'pages/index/index.wxml'), page)
    await until(page, ({ products, state }) => products.length === 3 && state === 'signed-in')
    ok(!page.data.problem, 'shows no problem')
    await page.signOut()
    await page.load()
    equal([page.data.state, page.data.problem.message || page.data.problem], ['signed-out', '你已退出登录'])
    await (page.signIn ? page.signIn() : page.retry())
    equal([page.data.state, page.data.products.length, phone.counts.logins], ['signed-in', 3, 2])
  })
}

test('the backend that comes with it serves it, without WeChat', async () => {
  const folder = programOf('created-with-backend', {})
  const { stdout } = create(folder, 'tea shop', '--language', 'en')
  ok(stdout.includes('node "tea shop/backend.mjs"'), stdout)
  const root = path.join(folder, 'tea shop')
  const config = path.join(root, 'config.js')
  const written = fs.readFileSync(config, 'utf8')
  fs.writeFileSync(config, written.replace('http://127.0.0.1:8080', await backendOf(root)))

  const phone = start(unpack('created-with-backend', await official.compile(official.open(root))))
  const page = phone.launch()
  await until(page, ({ products, state }) => products.length === 3 && state === 'signed-in')
  await page.signOut()
  await page.load()
  equal([page.data.state, page.data.products.length, phone.counts.logins], ['signed-out', 0, 1])
})

/** Starts the backend of a new program on a port that is free, and returns its origin. */
async function backendOf(root) {
  const backend = spawn(process.execPath, [path.join(root, 'backend.mjs'), '0'])
  afterwards(() => backend.kill())
  for await (const printed of backend.stdout.setEncoding('utf8')) return printed.match(/http:\S+/)[0]
}

test('a program for a server of its own comes without one, and names what the server has to do', async () => {
  const folder = programOf('created-for-a-server', {})
  const server = 'https://api.example.com'
  const { stdout } = create(folder, 'tea', '--kind', 'taro', '--server', server, '--language', 'en')
  for (const named of [`POST ${server}/wx/onlogin`, 'src/pages/index/index.tsx', 'your own AppID', `add ${server}`]) {
    ok(stdout.includes(named), stdout)
  }
  ok(!fs.existsSync(path.join(folder, 'tea/backend.mjs')), 'has no backend')
})

for (const [kind, example] of Object.entries(EXAMPLES)) {
  test(`${kind}: the files of the example, with the server and the appid that were asked for`, async () => {
    const folder = programOf(`created-as-${example}`, {})
    const words = ['Tea Shop', '--kind', kind, '--server', 'https://api.example.com', '--appid', APPID]
    equal(create(folder, ...words).status, 0)
    const root = path.join(folder, 'Tea Shop')
    const changed = committed(example).filter((file) => {
      const ours = path.join(root, file)
      return (
        !fs.existsSync(ours) ||
        !fs.readFileSync(ours).equals(fs.readFileSync(path.join(TOP, 'examples', example, file)))
      )
    })
    const serverAt = kind === 'typescript' ? 'server.ts' : '.env'
    const appidAt = kind === 'uni-app' ? 'src/manifest.json' : 'project.config.json'
    const missing = ['.npmrc', 'README.md', 'README.zh-CN.md', 'package-lock.json'].filter((file) =>
      changed.includes(file),
    )
    // The built package is in the program, and its own `.gitignore` keeps it there.
    const kept = kind === 'typescript' ? ['.gitignore'] : []
    equal(changed.sort(), [serverAt, appidAt, 'package.json'].concat(kept, missing).sort())
    ok(fs.readFileSync(path.join(root, serverAt), 'utf8').includes('https://api.example.com'), 'names the server')
    ok(fs.readFileSync(path.join(root, appidAt), 'utf8').includes(APPID), 'names the appid')
    ok(fs.readFileSync(path.join(root, appidAt), 'utf8').includes('"Tea Shop"'), 'names the program')
    const { name, dependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
    equal([name, dependencies.wxsession], ['tea-shop', 'file:vendor/wxsession.tgz'])
    ok(fs.readFileSync(path.join(root, 'vendor/wxsession.tgz')).equals(fs.readFileSync(tarball)), 'carries the package')
  })
}

test('a folder that is not empty stays as it is; one of git alone does not count', async () => {
  const folder = programOf('created-over', { 'full/app.js': '// mine', 'empty/.git/HEAD': '' })
  const refused = create(folder, 'full', '--language', 'en')
  equal([refused.status, refused.stderr.split(':')[0]], [1, 'full'])
  equal(fs.readdirSync(path.join(folder, 'full')), ['app.js'])
  equal(create(folder, 'empty').status, 0)
  const file = create(folder, 'full/app.js', '--language', 'en')
  equal([file.status, file.stderr], [1, 'full/app.js: is a file. Name a new folder\n'])
})

test('a wrong value is named with its remedy, and nothing is written', async () => {
  const folder = programOf('created-wrong', {})
  for (const [named, ...words] of [
    ['--kind', '--kind', 'vue'],
    ['--server', '--server', 'api.example.com'],
    ['--server', '--server', 'https://api.example.com/wx/onlogin'],
    ['--appid', '--appid', 'wx12'],
    ['--language', '--language', 'fr'],
    ['--sever', '--sever', 'x'],
    ['leave out b', 'a', 'b'],
  ]) {
    const { status, stdout, stderr } = create(folder, '--language', 'en', ...words)
    equal([status, stdout, stderr.includes(named), stderr.includes('    at ')], [1, '', true, false])
  }
  equal(fs.readdirSync(folder), [])
})

test('both languages say what remains, and the program remembers it', async () => {
  const folder = programOf('created-told', {})
  const [english, chinese] = ['en', 'zh'].map((language) =>
    create(folder, language, '--kind', 'taro', '--language', language),
  )
  ok(fs.readFileSync(path.join(folder, 'zh/README.md'), 'utf8').includes(chinese.stdout), 'README.md has the steps')
  // Each command on a line of its own: Windows PowerShell knows no `&&`.
  ok(/npm install\n +npm run build\n/.test(english.stdout) && english.stdout.includes('What remains'), english.stdout)
  ok(/npm install\n +npm run build\n/.test(chinese.stdout) && chinese.stdout.includes('还剩'), chinese.stdout)
  ok(
    create(folder, '--kind', 'vue', '--language', 'zh').stderr.includes('只能是'),
    'a fault is told in the language asked for',
  )
  ok(
    create(folder, '--kind', 'vue', '--language', 'en').stderr.includes('must be'),
    'a fault is told in the language asked for',
  )
})

/** The files of an example that git knows, from its folder. */
function committed(example) {
  const folder = path.join(TOP, 'examples', example)
  const listed = execFileSync('git', ['ls-files', '-z', '.'], { cwd: folder, encoding: 'utf8' })
  return listed.split('\0').filter(Boolean)
}
