/* The shipped files must arrive in a program unchanged. */
'use strict'

const fs = require('fs')
const path = require('path')
const { equal, ok } = require('../package/assert')
const {
  arguments: { package: program },
} = require('./folders')

const SHIPPED = path.join(program, 'node_modules/wxsession/miniprogram')
const SCRIPT = 'index.js'
const MODULE = 'wxsession.wasm.br'

/** @param {Map<string, Buffer>} files An upload. @param {string} folder The package's in the upload. @param {string} name */
function isByteForByte(files, folder, name) {
  const file = `${folder}/${name}`
  ok(files.has(file), `${file} is uploaded; these are: ${Array.from(files.keys()).join(', ')}`)
  ok(files.get(file).equals(fs.readFileSync(path.join(SHIPPED, name))), `${file} is what the package ships`)
}

/** Checks that 构建 npm left exactly the shipped files in `folder`. */
function isWhole(folder) {
  const names = fs.readdirSync(SHIPPED).sort()
  equal(fs.readdirSync(folder).sort(), names)
  for (const name of names) {
    ok(
      fs.readFileSync(path.join(folder, name)).equals(fs.readFileSync(path.join(SHIPPED, name))),
      `${name} is the same`,
    )
  }
}

module.exports = { MODULE, SCRIPT, isByteForByte, isWhole }
