/*
 * A machine to install Debian packages on, made of folders: it has this machine's programs, a dpkg database of its own, and a
 * systemd that only notes what it is told.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'

// Here packages write; everything else in /usr is a link to this machine's.
const OWN = ['bin', 'sbin', 'lib', 'lib/systemd', 'share', 'share/doc', 'share/man', 'share/bash-completion']
// What would start nothing is Docker's; systemctl is our own.
const LEFT_OUT = ['/usr/sbin/policy-rc.d', '/usr/bin/systemctl', '/usr/bin/wxsession-server']
const HOST = '/this-machine'

export class Machine {
  constructor(root) {
    this.root = root
    for (const folder of ['dev', 'etc', 'tmp', 'var/lib/dpkg/info', 'var/lib/dpkg/updates', 'run/systemd/system']) {
      mkdirSync(join(root, folder), { recursive: true })
    }
    for (const file of ['var/lib/dpkg/status', 'var/lib/dpkg/available', 'dev/null'])
      writeFileSync(join(root, file), '')
    mkdirSync(join(root, HOST))
    this.#link('')
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
      if (existsSync(`/usr/${folder}`)) symlinkSync(`usr/${folder}`, join(root, folder))
    }
    this.tell({ enabled: false, active: false })
  }

  /** What systemd answers from now on. */
  tell({ enabled, active }) {
    const script = join(this.root, 'usr/bin/systemctl')
    writeFileSync(
      script,
      `#!/bin/sh
echo "$*" >> /tmp/told
case "$*" in
*is-enabled*) echo ${enabled ? 'enabled' : 'disabled'} ;;
*is-active*) exit ${active ? 0 : 3} ;;
esac
`,
    )
    chmodSync(script, 0o755)
  }

  /** What systemd was told to do with the server since the last time that somebody asked. */
  told() {
    const file = join(this.root, 'tmp/told')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    rmSync(file, { force: true })
    return lines
      .filter((line) => / (start|stop|restart|enable|preset) /.test(` ${line}`))
      .map((line) => line.replace(/--\S+ /g, ''))
  }

  /** Runs dpkg, and returns what it prints. */
  dpkg(...words) {
    const mounts = `mount --rbind /usr "$0${HOST}" && mount --bind /dev/null "$0/dev/null"`
    // The packages that the server depends on are this machine's.
    const dpkg = 'exec dpkg --root="$0" --force-depends --force-confdef --log=/dev/null "$@"'
    const script = `${mounts} && ${dpkg}`
    const command = ['--map-root-user', '--mount', 'sh', '-c', script, this.root, ...words]
    const { status, stdout, stderr } = spawnSync('unshare', command, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    if (status !== 0) throw new Error(`dpkg ${words.join(' ')}: ${stdout}${stderr}`)
    return stdout + stderr
  }

  has(path) {
    return lstatSync(join(this.root, path), { throwIfNoEntry: false }) !== undefined
  }

  path(path) {
    return join(this.root, path)
  }

  /** Every file and link that is not this machine's, dpkg's or systemctl. */
  files() {
    const apart = ['tmp', 'dev', 'var/lib/dpkg', HOST.slice(1), 'usr/bin/systemctl']
    const found = readdirSync(this.root, { recursive: true, withFileTypes: true }).filter(
      (entry) => !entry.isDirectory(),
    )
    const paths = found.map((entry) => relative(this.root, join(entry.parentPath ?? entry.path, entry.name)))
    return paths
      .filter((path) => !apart.some((folder) => path === folder || path.startsWith(`${folder}/`)))
      .filter((path) => !this.#isLinked(path))
      .sort()
  }

  #isLinked(path) {
    const file = join(this.root, path)
    return lstatSync(file).isSymbolicLink() && readlinkSync(file).startsWith(HOST)
  }

  #link(folder) {
    mkdirSync(join(this.root, 'usr', folder))
    for (const name of readdirSync(join('/usr', folder))) {
      const path = join(folder, name)
      if (LEFT_OUT.includes(join('/usr', path))) continue
      if (OWN.includes(path) && lstatSync(join('/usr', path)).isDirectory()) this.#link(path)
      else symlinkSync(join(HOST, path), join(this.root, 'usr', path))
    }
  }
}
