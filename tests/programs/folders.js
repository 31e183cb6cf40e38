/* Programs in folders of their own: copies of the examples, and programs that a test writes. */
'use strict'

const { execFileSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { parseArgs } = require('util')

const text = /** @type {const} */ ({ type: 'string', multiple: false })
const { values } = parseArgs({
  options: {
    package: text,
    tarball: text,
    api: text,
    wechat: text,
    shop: text,
    server: text,
    provider: text,
    scratch: text,
    only: text,
  },
})

const TOP = path.join(__dirname, '../..')
const NOT_OF_THE_SOURCES = ['node_modules', 'miniprogram_npm']

/** An empty folder; an earlier one with this name is removed. */
function anew(name) {
  const folder = path.join(values.scratch, name)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  return folder
}

/** A copy of one of the project's examples, with the package installed by npm. */
function copyOfExample(example, name) {
  const folder = anew(name)
  fs.cpSync(path.join(TOP, 'examples', example), folder, {
    recursive: true,
    filter: (source) => !NOT_OF_THE_SOURCES.includes(path.basename(source)),
  })
  install(folder)
  return folder
}

/** Writes a program: files by path, each a text, or an object that becomes JSON. */
function programOf(name, files) {
  const folder = anew(name)
  write(folder, files)
  return folder
}

function write(folder, files) {
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(folder, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    const isRaw = typeof content === 'string' || Buffer.isBuffer(content)
    fs.writeFileSync(target, isRaw ? content : JSON.stringify(content))
  }
}

/** Changes settings in `project.config.json`. */
function set(folder, settings) {
  const file = path.join(folder, 'project.config.json')
  const config = JSON.parse(fs.readFileSync(file, 'utf8'))
  Object.assign(config.setting, settings)
  fs.writeFileSync(file, JSON.stringify(config))
}

/** `npm install` of the tarball, in a folder that has a package.json. */
function install(folder) {
  const file = path.join(folder, 'package.json')
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'))
  manifest.dependencies = { wxsession: `file:${path.resolve(values.tarball)}` }
  // The types of wx need not be installed: the builder strips types, and tsc uses those of the project.
  delete manifest.devDependencies
  fs.writeFileSync(file, JSON.stringify(manifest))
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
    stdio: 'pipe',
    encoding: 'utf8',
  })
}

/** Adds the package as `npm install` would, without running npm again. */
function addPackage(folder) {
  const installed = 'node_modules/wxsession'
  fs.cpSync(path.join(values.package, installed), path.join(folder, installed), { recursive: true })
}

/** Writes the result of a compilation to a folder of its own. */
function unpack(name, files) {
  return programOf(`${name}-compiled`, Object.fromEntries(files))
}

module.exports = { TOP, addPackage, arguments: values, copyOfExample, programOf, set, unpack, write }
