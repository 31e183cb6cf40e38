/*
 * The phone, in its worker: takes orders from the page and reports events. Mini program, wxsession and wx run here; the page
 * only draws.
 */
'use strict'

const { createBackend } = require('./backend')
const { createConditions } = require('./conditions')
const orders = require('./orders')
const { createProbe } = require('./probe')
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
  const { prepare, play } = scenes[order] || orders[order]
  try {
    if (prepare && stage.session().state !== 'signed-in') {
      announce('prepare')
      await within(PATIENCE, prepare(stage))
    }
    announce(order)
    await within(PATIENCE, play(stage))
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

function begin(world) {
  const tell = (message) => postMessage(message)
  const backend = createBackend(`${location.origin}/worlds/${world}`)
  const conditions = createConditions()
  stage = createStage({ backend, conditions, probe: createProbe(tell), tell })
  tell({ ready: true })
}

function within(milliseconds, work) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`not done after ${milliseconds / 1000} s`))
    const timer = setTimeout(late, milliseconds)
    work.then(resolve, reject).then(() => clearTimeout(timer))
  })
}
