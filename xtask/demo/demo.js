/*
 * The demonstration: a mini program with the packed package, on a simulated phone, against the real server. Four
 * scenes, each counted from outside; it fails if any count is not the least possible.
 */
'use strict'

const { cpSync, writeFileSync } = require('fs')
const { join } = require('path')
const { parseArgs } = require('util')
const account = require('./account')
const scenes = require('./scenes')
const { createStage } = require('./stage')

const USAGE = 'usage: demo.js --api URL --wechat URL --idle-timeout SECONDS --package FOLDER'

async function main() {
  const { api, wechat, idleTimeout, program } = settings()
  cpSync(join(__dirname, 'miniprogram'), program, { recursive: true })
  writeFileSync(join(program, 'config.js'), `module.exports = { api: ${JSON.stringify(api)} }\n`)

  const stage = createStage({ api, wechat, idleTimeout, program })
  const began = Date.now()
  let isLeast = true
  for (const [index, scene] of scenes.entries()) {
    account.announce(index + 1, scene.title)
    const checks = await play(scene, stage)
    account.report(checks)
    isLeast = isLeast && checks.every((check) => check.isRight)
  }
  account.close(isLeast, Date.now() - began)
  return isLeast
}

/** Plays one scene between two counts. That it breaks off is a failed check like any other. */
async function play(scene, stage) {
  const before = await stage.count()
  const remarks = []
  try {
    await scene.play(stage, (isRight, text) => remarks.push({ isRight, text }))
  } catch (error) {
    remarks.push({ isRight: false, text: `broke off: ${error.code || error.name}: ${error.message}` })
  }
  const after = await stage.count()
  return account.compare(before, after, scene.least).concat(remarks, stage.mishaps())
}

function settings() {
  const text = { type: 'string' }
  const { values } = parseArgs({ options: { api: text, wechat: text, 'idle-timeout': text, package: text } })
  const idleTimeout = Number(values['idle-timeout']) * 1000
  if (!values.api || !values.wechat || !values.package || !(idleTimeout > 0)) throw new Error(USAGE)
  return { api: values.api, wechat: values.wechat, idleTimeout, program: values.package }
}

main().then(
  (isLeast) => process.exit(isLeast ? 0 : 1),
  (error) => {
    console.error(`error: ${error.message}`)
    process.exit(1)
  }
)
