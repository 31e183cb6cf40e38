/*
 * The phone, in its worker: takes orders from the page and reports events. Mini program, wxsession and wx run here; the page
 * only draws.
 */
'use strict'

const accounts = require('./accounts')
const { createBackend } = require('./backend')
const { createConditions } = require('./conditions')
const orders = require('./orders')
const scenes = require('./scenes')
const { createStage } = require('./stage')

/** Milliseconds after which a scene counts as stuck. */
const PATIENCE = 45000

const now = () => performance.timeOrigin + performance.now()
const announce = (run) => postMessage({ run, at: now() })

let stage

// @ts-expect-error: the worker's.
onmessage = async ({ data: { order, world } }) => {
  if (world) return begin(world)
  try {
    stage.dismiss()
    if (accounts[order]) await playAccounts(order)
    else await playSessions(order)
  } catch (error) {
    postMessage({ trouble: `${error.code || error.name}: ${error.message}` })
  }
  try {
    await stage.restore()
  } catch (error) {
    postMessage({ isGone: true })
  } finally {
    postMessage({ over: order, at: now() })
  }
}

/** Scenes about sessions are the visitor's; the buttons on the phone are for the user of the last scene. */
async function playSessions(order) {
  if (scenes[order]) stage.giveBack()
  const { prepare, play } = scenes[order] || orders[order]
  if (prepare && stage.session().state !== 'signed-in') {
    announce('prepare')
    await within(PATIENCE, prepare(stage))
  }
  announce(order)
  await within(PATIENCE, play(stage))
}

/** Scenes about accounts begin with new ones, in which what the scene shows has not happened yet. */
async function playAccounts(order) {
  const { prepare, play } = accounts[order]
  let cast
  if (prepare) {
    announce('prepare')
    cast = await within(PATIENCE, prepare(stage))
  }
  announce(order)
  await within(PATIENCE, play(cast, stage))
}

function begin(world) {
  const backend = createBackend(`${location.origin}/worlds/${world}`)
  const conditions = createConditions()
  stage = createStage({ backend, conditions, tell: (message) => postMessage(message) })
  postMessage({ ready: true })
}

function within(milliseconds, work) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`not done after ${milliseconds / 1000} s`))
    const timer = setTimeout(late, milliseconds)
    work.then(resolve, reject).then(() => clearTimeout(timer))
  })
}
