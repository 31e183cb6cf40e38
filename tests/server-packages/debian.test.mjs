/*
 * The server's Debian package: what is in it, what judges say of it, and what installing, upgrading and removing it does.
 *   PACKAGES=target/packages AGAIN=target/packages-again node --test tests/server-packages/debian.test.mjs
 *
 * AGAIN has the packages of a second build, by a user who is not root.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { assertBill } from './bill.mjs'
import { Machine } from './machine.mjs'
import { freePort, NO_WECHAT, refusesStrangers, secretFile, whileItRuns } from './running.mjs'

const [PACKAGE, AGAIN] = [process.env.PACKAGES, process.env.AGAIN].map((folder) => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  assert.equal(names.length, 1, `${folder}: ${names}`)
  return join(folder, names[0])
})
const DOCUMENTATION = 'usr/share/doc/wxsession-server'
const FILES = {
  'etc/wxsession/wxsession.toml': '-rw-r--r--',
  'lib/systemd/system/wxsession-server.service': '-rw-r--r--',
  'usr/bin/wxsession-server': '-rwxr-xr-x',
  'usr/share/bash-completion/completions/wxsession-server': '-rw-r--r--',
  [`${DOCUMENTATION}/THIRD-PARTY-LICENSES.gz`]: '-rw-r--r--',
  [`${DOCUMENTATION}/changelog.Debian.gz`]: '-rw-r--r--',
  [`${DOCUMENTATION}/changelog.gz`]: '-rw-r--r--',
  [`${DOCUMENTATION}/copyright`]: '-rw-r--r--',
  [`${DOCUMENTATION}/wxsession-server.cdx.json`]: '-rw-r--r--',
  'usr/share/lintian/overrides/wxsession-server': '-rw-r--r--',
  'usr/share/man/man1/wxsession-server.1.gz': '-rw-r--r--',
}

const scratch = mkdtempSync(join(tmpdir(), 'wxsession-debian-'))
after(() => rmSync(scratch, { recursive: true }))
const unpacked = join(scratch, 'unpacked')
said('dpkg-deb', '--raw-extract', PACKAGE, unpacked)
// Newer systems have units in /usr.
const [unitFile] = ['lib', 'usr/lib']
  .map((lib) => join(unpacked, lib, 'systemd/system/wxsession-server.service'))
  .filter((file) => statSync(file, { throwIfNoEntry: false }))

test('the files, their modes and owners', () => {
  const lines = said('dpkg-deb', '--contents', PACKAGE).trim().split('\n')
  const entries = lines.map((line) => line.split(/\s+/))
  for (const [mode, owner, , , , path] of entries) {
    assert.equal(owner, 'root/root', path)
    if (path.endsWith('/')) assert.equal(mode, 'drwxr-xr-x', path)
  }
  const files = entries.filter(([, , , , , path]) => !path.endsWith('/'))
  const found = files.map(([mode, , , , , path]) => [path.replace(/^\.\/(usr\/(?=lib\/systemd))?/, ''), mode])
  assert.deepEqual(Object.fromEntries(found), FILES)
})

test('the sums', () => {
  said('md5sum', '--check', '--strict', '--quiet', 'DEBIAN/md5sums', { cwd: unpacked })
})

test('what the package depends on: the C library that the program was linked with', () => {
  const [depends, version] = ['Depends', 'Version'].map((field) => said('dpkg-deb', '--field', PACKAGE, field).trim())
  const libraries = Object.fromEntries(depends.split(', ').map((one) => one.replace(/[()>=]/g, '').split(/ +/)))
  assert.deepEqual(Object.keys(libraries), ['libc6', 'libgcc-s1'])
  const symbols = said('readelf', '--version-info', join(unpacked, 'usr/bin/wxsession-server'))
  for (const [, needed] of symbols.matchAll(/GLIBC_([\d.]+)/g)) {
    said('dpkg', '--compare-versions', libraries.libc6, 'ge', needed)
  }
  const program = said(join(unpacked, 'usr/bin/wxsession-server'), '--version')
  assert.equal(program.trim(), `wxsession-server ${version.replace(/-1$/, '')}`)
})

test('the settings are a configuration file, and no secret is among them', () => {
  assert.equal(readFileSync(join(unpacked, 'DEBIAN/conffiles'), 'utf8').trim(), '/etc/wxsession/wxsession.toml')
  const settings = readFileSync(join(unpacked, 'etc/wxsession/wxsession.toml'), 'utf8')
  assert.doesNotMatch(settings, /^\s*(appid|secret)/m)
})

test('lintian finds nothing', () => {
  assert.equal(said('lintian', '--no-cfg', '--allow-root', PACKAGE), '')
})

test('systemd accepts the unit, whose program is in the package', () => {
  const unit = readFileSync(unitFile, 'utf8')
  const [, program] = /^ExecStart=(\S+)$/m.exec(unit)
  assert.ok(FILES[program.slice(1)], program)
  const tried = join(scratch, 'wxsession-server.service')
  writeFileSync(tried, unit.replace(program, join(unpacked, program)))
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', tried], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stderr, /wxsession-server\.service/)
})

test('the bill of materials', async () => {
  const text = readFileSync(join(unpacked, DOCUMENTATION, 'wxsession-server.cdx.json'), 'utf8')
  const program = await assertBill(text, [])
  const [sum] = said('sha256sum', join(unpacked, 'usr/bin/wxsession-server')).split(' ')
  assert.deepEqual(program.hashes, [{ alg: 'SHA-256', content: sum }])
})

test('the licences of the crates inside', () => {
  const notices = said('zcat', join(unpacked, DOCUMENTATION, 'THIRD-PARTY-LICENSES.gz'))
  const { components } = JSON.parse(readFileSync(join(unpacked, DOCUMENTATION, 'wxsession-server.cdx.json'), 'utf8'))
  const inside = components.filter(({ scope, hashes }) => scope === 'required' && hashes)
  assert.ok(inside.length > 100)
  for (const { name, version } of inside) assert.ok(notices.includes(`${name} ${version}`), name)
  assert.ok(notices.includes('Copyright'))
})

test('the program starts with the settings and the unit of the package', async () => {
  const folder = mkdtempSync(join(scratch, 'etc-'))
  const port = await freePort()
  const settings = readFileSync(join(unpacked, 'etc/wxsession/wxsession.toml'), 'utf8')
  const config = join(folder, 'wxsession.toml')
  writeFileSync(config, `listen = "127.0.0.1:${port}"\n${settings.replace(/^#appid/m, 'appid')}`)
  const secret = secretFile(join(folder, 'secret'))
  const places = { '/etc/wxsession/wxsession.toml': config, '%S/wxsession': join(folder, 'data'), '%d/secret': secret }
  const lines = readFileSync(unitFile, 'utf8').matchAll(/^Environment=(\w+)=(.*)$/gm)
  const env = Object.fromEntries(Array.from(lines, ([, name, value]) => [name, places[value]]))
  env.WXSESSION_WECHAT_API = NO_WECHAT
  await whileItRuns([join(unpacked, 'usr/bin/wxsession-server')], { port, env }, refusesStrangers)
})

test('installed, upgraded, removed and purged', () => {
  const machine = new Machine(mkdtempSync(join(scratch, 'machine-')))
  const before = machine.files()
  const settings = machine.path('etc/wxsession/wxsession.toml')

  // Without an appid and a secret nothing starts, not at the next boot either, and the next steps are told.
  const told = machine.dpkg('--install', PACKAGE)
  assert.match(told, /not started\. Next:[^]*\/etc\/wxsession\/secret[^]*systemctl enable --now wxsession-server/)
  assert.deepEqual(machine.told(), [])
  assert.ok(machine.has('usr/bin/wxsession-server'))

  writeFileSync(settings, 'appid = "wx0123456789abcdef"\n')
  secretFile(machine.path('etc/wxsession/secret'))
  machine.tell({ enabled: true, active: true })
  assert.doesNotMatch(machine.dpkg('--install', newer(PACKAGE)), /Next:/)
  assert.deepEqual(machine.told(), ['restart wxsession-server.service'])
  assert.equal(readFileSync(settings, 'utf8'), 'appid = "wx0123456789abcdef"\n')

  machine.dpkg('--remove', 'wxsession-server')
  assert.deepEqual(machine.told(), ['stop wxsession-server.service'])
  assert.ok(machine.has('etc/wxsession/wxsession.toml'))

  // Whose data it is decides what happens to it.
  mkdirSync(machine.path('var/lib/private/wxsession'), { recursive: true })
  writeFileSync(machine.path('var/lib/private/wxsession/keyring'), 'a key')
  const left = machine.dpkg('--purge', 'wxsession-server')
  assert.match(left, /rm -r \/etc\/wxsession$/m)
  assert.match(left, /rm -r \/var\/lib\/private\/wxsession$/m)
  const kept = ['etc/wxsession/secret', 'var/lib/private/wxsession/keyring']
  assert.deepEqual(machine.files(), [...before, ...kept].sort())
})

test('a purge leaves nothing of a server that kept nothing', () => {
  const machine = new Machine(mkdtempSync(join(scratch, 'machine-')))
  const before = machine.files()
  machine.dpkg('--install', PACKAGE)
  // What systemd makes before the server starts.
  mkdirSync(machine.path('var/lib/private/wxsession'), { recursive: true })
  symlinkSync('private/wxsession', machine.path('var/lib/wxsession'))
  const told = machine.dpkg('--purge', 'wxsession-server')
  assert.doesNotMatch(told, /rm -r/)
  assert.deepEqual(machine.files(), before)
  assert.ok(!machine.has('etc/wxsession'))
})

test('a second build, by a user who is not root, gives the same bytes', () => {
  assert.ok(readFileSync(PACKAGE).equals(readFileSync(AGAIN)))
})

/** The same package, as a newer version. */
function newer(file) {
  const folder = join(scratch, 'newer')
  said('dpkg-deb', '--raw-extract', file, folder)
  const control = join(folder, 'DEBIAN/control')
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, '$&+newer'))
  const packed = join(scratch, 'newer.deb')
  said('dpkg-deb', '--root-owner-group', '-Znone', '--build', folder, packed)
  return packed
}

/** What a command that must succeed prints. */
function said(program, ...words) {
  const options = typeof words.at(-1) === 'object' ? words.pop() : {}
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
}
