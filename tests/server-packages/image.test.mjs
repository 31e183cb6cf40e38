/*
 * The server's container image: that every tool can read it, what is in it, and that it starts and stops in a container.
 *   PACKAGES=target/packages AGAIN=target/packages-again node --test tests/server-packages/image.test.mjs
 *
 * AGAIN has the packages of a second build.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { assertBill } from './bill.mjs'
import { freePort, NO_WECHAT, refusesStrangers, secretFile, whileItRuns } from './running.mjs'

const [IMAGE, AGAIN] = [process.env.PACKAGES, process.env.AGAIN].map((folder) => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.oci'))
  assert.equal(names.length, 1, `${folder}: ${names}`)
  return join(folder, names[0])
})
const [, VERSION] = /-([\d.]+)-\w+\.oci$/.exec(IMAGE)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENT = readFileSync(join(ROOT, 'service/docs/deploy.md'), 'utf8')
const BILL = 'application/vnd.cyclonedx+json'
const USER = 65532

const scratch = mkdtempSync(join(tmpdir(), 'wxsession-image-'))
after(() => rmSync(scratch, { recursive: true }))
const index = JSON.parse(readFileSync(join(IMAGE, 'index.json'), 'utf8'))
const [named, referring] = index.manifests
const manifest = document(named)
const config = document(manifest.config)
const layers = manifest.layers.map(blob)

test('every blob has the sum that it is named by, and each is referred to', () => {
  assert.deepEqual(JSON.parse(readFileSync(join(IMAGE, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' })
  const referred = [named, referring, manifest.config, ...manifest.layers]
  referred.push(document(referring).config, ...document(referring).layers)
  for (const { digest, size } of referred) {
    const bytes = blob({ digest })
    assert.equal(bytes.length, size, digest)
    assert.equal(sum(bytes), digest)
  }
  const names = referred.map(({ digest }) => digest.replace('sha256:', ''))
  assert.deepEqual(readdirSync(join(IMAGE, 'blobs/sha256')).sort(), [...new Set(names)].sort())
  assert.deepEqual(
    config.rootfs.diff_ids,
    layers.map((layer) => sum(gunzipSync(layer))),
  )
})

test('how the image is run', () => {
  const { Labels, ...run } = config.config
  assert.deepEqual(run, {
    User: `${USER}:${USER}`,
    ExposedPorts: { '8080/tcp': {} },
    Env: ['PATH=/usr/bin', 'WXSESSION_LISTEN=0.0.0.0:8080', 'WXSESSION_DATA=/data'],
    Entrypoint: ['/usr/bin/wxsession-server'],
    Volumes: { '/data': {} },
    WorkingDir: '/',
    StopSignal: 'SIGTERM',
  })
  assert.equal(Labels['org.opencontainers.image.version'], VERSION)
  assert.equal(Labels['org.opencontainers.image.created'], config.created)
  assert.deepEqual(manifest.annotations, Labels)
  assert.deepEqual(named.platform, { architecture: config.architecture, os: 'linux' })
})

test('the files, their modes and owners', () => {
  const lines = layers.flatMap((layer) => said('tar', '-tvz', '--numeric-owner', { input: layer }).trim().split('\n'))
  const entries = lines.map((line) => line.split(/\s+/))
  const others = entries.filter(([, owner]) => owner !== '0/0')
  assert.deepEqual(
    others.map(([mode, owner, , , , path]) => [path, mode, owner]),
    [['data/', 'drwx------', `${USER}/${USER}`]],
  )
  for (const [mode, , , , , path] of entries) {
    assert.match(mode, /^(drwx|-rw)/, path)
    assert.ok(!/^.{4}(.w|..[sS])|^.{7}.w/.test(mode), `others may write ${path}: ${mode}`)
  }
  const files = entries.filter(([mode]) => mode.startsWith('-')).map(([, , , , , path]) => path)
  const libraries = files.filter((path) => /^(usr\/)?lib/.test(path)).map((path) => path.split('/').at(-1))
  assert.ok(libraries.includes('libc.so.6') && libraries.some((name) => name.startsWith('ld-linux')), `${libraries}`)
  const known = /^(usr\/)?lib|^usr\/share\/doc\/lib[\w-]+\/copyright$|^var\/lib\/dpkg\/status\.d\/lib/
  assert.deepEqual(files.filter((path) => !known.test(path)).sort(), [
    'etc/nsswitch.conf',
    'etc/os-release',
    'usr/bin/wxsession-server',
    'usr/share/doc/wxsession-server/LICENSE-APACHE',
    'usr/share/doc/wxsession-server/LICENSE-MIT',
    'usr/share/doc/wxsession-server/THIRD-PARTY-LICENSES',
    'usr/share/doc/wxsession-server/wxsession-server.cdx.json',
  ])
})

test('the bill of materials, in the image and as what refers to it', async () => {
  const artifact = document(referring)
  assert.deepEqual([artifact.artifactType, referring.artifactType], [BILL, BILL])
  const { mediaType, digest, size } = named
  assert.deepEqual(artifact.subject, { mediaType, digest, size })
  const [{ mediaType: type, annotations }] = artifact.layers
  assert.deepEqual([type, annotations['org.opencontainers.image.title']], [BILL, 'wxsession-server.cdx.json'])
  const text = blob(artifact.layers[0]).toString()
  const inside = said('tar', '-xzO', 'usr/share/doc/wxsession-server/wxsession-server.cdx.json', { input: layers[1] })
  assert.equal(inside, text)

  const states = said('tar', '-xzO', 'var/lib/dpkg/status.d', { input: layers[0] })
  const packages = [...states.matchAll(/^Package: (.*)[^]*?^Architecture: (.*)[^]*?^Version: (.*)$/gm)]
  assert.ok(packages.some(([, name]) => name === 'libc6'))
  const release = said('tar', '-xzO', 'etc/os-release', { input: layers[0] })
  const [id, version] = ['ID', 'VERSION_ID'].map((name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1])
  const urls = packages.map(
    ([, name, architecture, of]) =>
      `pkg:deb/${id}/${name}@${of.replaceAll('+', '%2B').replaceAll(':', '%3A')}?arch=${architecture}&distro=${id}-${version}`,
  )
  const program = await assertBill(text, urls)
  const packed = said('tar', '-xzO', 'usr/bin/wxsession-server', { input: layers[1], encoding: 'buffer' })
  assert.deepEqual(program.hashes, [{ alg: 'SHA-256', content: sum(packed).replace('sha256:', '') }])
})

test('other tools can read the image', () => {
  const archive = join(scratch, 'image.tar')
  said(
    'skopeo',
    '--insecure-policy',
    'copy',
    '--quiet',
    `oci:${IMAGE}:${VERSION}`,
    `docker-archive:${archive}:name:tag`,
  )
  assert.ok(statSync(archive).size > 1e6)
  const seen = JSON.parse(said('skopeo', '--insecure-policy', 'inspect', `oci:${IMAGE}:${VERSION}`))
  assert.equal(seen.Digest, named.digest)
})

test('the documents name the image as it is named', () => {
  const named = `oci:dist/${basename(IMAGE).replace(/\w+\.oci$/, 'amd64.oci')}:${VERSION} `
  for (const text of [DOCUMENT, readFileSync(join(ROOT, 'service/docs/deploy.zh-CN.md'), 'utf8')]) {
    assert.ok(text.includes(`skopeo copy ${named}`), named)
  }
})

test('a container without rights starts, answers, writes to its volume only, and stops', async () => {
  const bundle = join(scratch, 'bundle')
  said('umoci', 'unpack', '--rootless', '--image', `${IMAGE}:${VERSION}`, bundle)
  const data = join(scratch, 'data')
  mkdirSync(data, { mode: 0o700 })
  const secret = secretFile(join(scratch, 'secret'))
  const port = await freePort()
  const file = join(bundle, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8'))
  spec.process.terminal = false
  spec.process.capabilities = {}
  const documented = Array.from(DOCUMENT.matchAll(/--env (\S+)/g), ([, variable]) => variable)
  assert.ok(documented.length >= 3, `${documented}`)
  spec.process.env.push(...documented, `WXSESSION_LISTEN=127.0.0.1:${port}`, `WXSESSION_WECHAT_API=${NO_WECHAT}`)
  spec.root.readonly = true
  const mount = (source, destination, access) => ({ source, destination, type: 'bind', options: ['bind', access] })
  spec.mounts = spec.mounts.filter(({ destination }) => destination !== '/data')
  spec.mounts.push(mount(data, '/data', 'rw'), mount(secret, '/run/secrets/wechat', 'ro'))
  // This machine's network, and the image's user for whoever runs this.
  const kinds = ['pid', 'ipc', 'uts', 'mount', 'user']
  spec.linux.namespaces = kinds.map((type) => ({ type }))
  spec.linux.uidMappings = [{ containerID: USER, hostID: 0, size: 1 }]
  spec.linux.gidMappings = [{ containerID: USER, hostID: 0, size: 1 }]
  writeFileSync(file, JSON.stringify(spec))

  // crun refuses some machines for how they mount their cgroups, of which this container needs none.
  const without = 'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"'
  const apart = ['unshare', '--map-root-user', '--mount', 'sh', '-c', without]
  const crun = [...apart, 'crun', '--cgroup-manager', 'disabled', '--root', join(scratch, 'crun')]
  const name = `wxsession-${process.pid}`
  const stop = () => said(...crun, 'kill', name, config.config.StopSignal)
  const command = [...crun, 'run', '--bundle', bundle, name]
  try {
    await whileItRuns(command, { port, stop }, refusesStrangers)
  } finally {
    // If the test fails, the container would go on without its runtime.
    said(...crun, 'delete', '--force', name)
  }
  assert.deepEqual(readdirSync(data).sort(), ['keyring', 'sessions.redb', 'sessions.redb.closed'])
})

test('a second build gives the same bytes', () => {
  const files = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const names = files(IMAGE).map(({ name }) => name)
  assert.deepEqual(
    names,
    files(AGAIN).map(({ name }) => name),
  ) // Blobs are named by their sums.
  assert.equal(readFileSync(join(IMAGE, 'index.json'), 'utf8'), readFileSync(join(AGAIN, 'index.json'), 'utf8'))
})

function blob({ digest }) {
  return readFileSync(join(IMAGE, 'blobs', ...digest.split(':')))
}

function document(descriptor) {
  return JSON.parse(blob(descriptor).toString())
}

function sum(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** What a command that must succeed prints. */
function said(program, ...words) {
  const options = typeof words.at(-1) === 'object' ? words.pop() : {}
  const stdio = [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe']
  return execFileSync(program, words, { encoding: 'utf8', stdio, maxBuffer: 1 << 28, ...options })
}
