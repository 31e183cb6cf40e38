/*
 * The demonstration: a mini program with the packed package, on a simulated phone, against the real server. It plays four
 * scenes, counts each from outside, and fails if any count is not the least possible.
 */
'use strict'

const { cpSync, writeFileSync } = require('fs')
const { join } = require('path')
const { parseArgs } = require('util')
const account = require('./account')
const scenes = require('./scenes')
const { createStage } = require('./stage')

/** Milliseconds, besides its own waiting, after which a scene counts as stuck. */
const PATIENCE = 15000

const USAGE = 'usage: demo.js --api URL --wechat URL --idle-timeout SECONDS --package FOLDER'

async function main() {
  const { api, wechat, idleTimeout, program } = settings()
  cpSync(join(__dirname, 'miniprogram'), program, { recursive: true })
  writeFileSync(join(program, 'config.js'), `module.exports = { api: ${JSON.stringify(api)} }\n`)

  const stage = createStage({ api, wechat, idleTimeout, program })
  account.introduce()
  const began = Date.now()
  let isLeast = true
  let isWhole = true
  for (const [index, scene] of scenes.entries()) {
    account.announce(index + 1, scene.title)
    const { checks, brokeOff } = await play(scene, stage)
    account.report(checks)
    isLeast = isLeast && checks.every((check) => check.isRight)
    isWhole = !brokeOff
    // The scenes after it would fail too.
    if (brokeOff) break
  }
  account.close(isLeast, isWhole, Date.now() - began)
  return isLeast
}

/** Plays one scene between two counts. */
async function play(scene, stage) {
  const before = await stage.count()
  const remarks = []
  const remark = (isRight, text) => remarks.push({ isRight, text })
  let brokeOff = false
  try {
    await Promise.race([scene.play(stage, remark), overdue(stage.idleTimeout + PATIENCE)])
  } catch (error) {
    brokeOff = true
    remark(false, `failed: ${error.code || error.name}: ${error.message}`)
  }
  const after = await stage.count()
  const checks = account.compare(before, after, scene.least).concat(remarks, stage.mishaps())
  return { checks, brokeOff }
}

function overdue(milliseconds) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not finished after ${milliseconds / 1000} s`)), milliseconds)
  })
}

function settings() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false })
  const { values } = parseArgs({ options: { api: text, wechat: text, 'idle-timeout': text, package: text } })
  const idleTimeout = Number(values['idle-timeout']) * 1000
  if (!values.api || !values.wechat || !values.package || !(idleTimeout > 0)) throw new Error(USAGE)
  return { api: values.api, wechat: values.wechat, idleTimeout, program: values.package }
}

// Node exits silently when nothing is left to wait for, which is not a success.
process.exitCode = 1
main().then(
  (isLeast) => process.exit(isLeast ? 0 : 1),
  (error) => {
    console.error(`error: ${error.message}`)
    process.exit(1)
  },
)
