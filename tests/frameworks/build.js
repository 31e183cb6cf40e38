/* Builds an example as a reader would: install the packed package, fill in the server's address, `npm run build`. */
'use strict'

const { execFileSync, spawn } = require('child_process')
const fs = require('fs')
const { basename, join, resolve } = require('path')

const EXAMPLES = resolve(__dirname, '../../examples')
const ALONE = join(__dirname, 'alone.js')

/** For one build, in milliseconds. A quiet machine takes some twenty seconds. */
const DEADLINE = 600000

/**
 * Copies an example, and installs the packages of the lock file and the packed package in the copy.
 *
 * @param {string} name The folder in `examples`.
 * @param {string} folder The folder of the copy; an earlier one is removed.
 * @param {{tarball: string, api: string}} world `api`: the URL of the app's own server.
 */
function install(name, folder, { tarball, api }) {
  const example = join(EXAMPLES, name)
  fs.rmSync(folder, { recursive: true, force: true })
  const isOurs = (path) => !['node_modules', 'dist', 'dist-h5'].includes(basename(path))
  fs.cpSync(example, folder, { recursive: true, filter: isOurs })
  link(join(example, 'node_modules'), join(folder, 'node_modules'))

  // npm would check the whole tree again and ask the registry about it.
  const installed = join(folder, 'node_modules/wxsession')
  fs.mkdirSync(installed)
  execFileSync('tar', ['--extract', '--gzip', '--strip-components=1', '--file', tarball, '--directory', installed])
  edit(join(folder, 'package.json'), (text) => {
    const manifest = JSON.parse(text)
    manifest.dependencies = { ...manifest.dependencies, wxsession: `file:${tarball}` }
    return JSON.stringify(manifest, undefined, 2)
  })
  configure(folder, 'API', api)
}

/** Gives a setting of the program's `.env` its value. */
function configure(folder, name, value) {
  edit(join(folder, '.env'), (text) => {
    const line = new RegExp(`^(\\w+_${name})=.*$`, 'm')
    if (!line.test(text)) throw new Error(`the .env in ${folder} has no ${name}`)
    return text.replace(line, `$1=${value}`)
  })
}

/** Links all packages except `wxsession`. The folder of packages itself belongs to the copy. */
function link(from, to) {
  fs.mkdirSync(to)
  for (const name of fs.readdirSync(from)) {
    if (name[0] === '@') link(join(from, name), join(to, name))
    else if (name !== 'wxsession') fs.symlinkSync(join(from, name), join(to, name))
  }
}

function edit(file, change) {
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')))
}

/**
 * Runs one of the example's own builds; the error of a failed build has its output.
 *
 * @param {string} folder
 * @param {string} [name] The script's.
 * @returns {Promise<void>}
 */
function build(folder, name = 'build') {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', name], {
      cwd: folder,
      timeout: DEADLINE,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: `--require "${ALONE}"` },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text
      })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`npm run ${name} failed in ${folder}:\n${output}`))
    })
  })
}

module.exports = { build, configure, install }
