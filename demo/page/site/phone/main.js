/*
 * The phone, in its worker: takes orders from the page and reports events. Mini program, wxsession and wx run here; the page
 * only draws.
 */
'use strict'

const casts = Object.assign({}, require('./accounts'), require('./thief'))
const { createBackend } = require('./backend')
const { createConditions } = require('./conditions')
const orders = require('./orders')
const scenes = require('./scenes')
const { createStage } = require('./stage')

/** Milliseconds after which a scene counts as stuck. */
const PATIENCE = 45000

const now = () => performance.timeOrigin + performance.now()
const announce = (run) => postMessage(Object.assign({ at: now() }, run))

let stage

// @ts-expect-error: the worker's.
onmessage = async ({ data: { order, rival, world } }) => {
  if (world) return begin(world)
  try {
    stage.dismiss()
    if (casts[order]) await playCast(order)
    else await playSessions(order, rival)
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
async function playSessions(order, rivalName) {
  if (scenes[order]) stage.giveBack()
  const { prepare, play, rival: part } = scenes[order] || orders[order]
  const rival = part && rivalName && stage.challenge(rivalName)
  const preparing = []
  if (prepare && stage.session().state !== 'signed-in') {
    announce({ run: 'prepare' })
    preparing.push(prepare(stage))
  }
  if (rival && part.prepare) preparing.push(part.prepare(rival))
  await within(PATIENCE, Promise.all(preparing))
  announce(rival ? { run: order, rival: rivalName } : { run: order })
  const playing = [play(stage)]
  if (rival) playing.push(part.play(rival))
  await within(PATIENCE, Promise.all(playing))
}

/** Scenes about accounts and about a thief begin with new people, to whom what the scene shows has not happened yet. */
async function playCast(order) {
  const { prepare, play } = casts[order]
  let cast
  if (prepare) {
    announce({ run: 'prepare' })
    cast = await within(PATIENCE, prepare(stage))
  }
  announce({ run: order })
  await within(PATIENCE, play(cast, stage))
}

function begin(world) {
  const api = `${location.origin}/worlds/${world}`
  const backend = createBackend(api)
  const rivals = createBackend(`${api}/rival`)
  const conditions = createConditions()
  stage = createStage({ backend, rivals, conditions, tell: (message) => postMessage(message) })
  postMessage({ ready: true })
}

function within(milliseconds, work) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`not done after ${milliseconds / 1000} s`))
    const timer = setTimeout(late, milliseconds)
    work.then(resolve, reject).then(() => clearTimeout(timer))
  })
}
