/*
 * A phone that records, in a thread of its own, because a scene sets the clock. It plays what the main thread asks for, one
 * after another, and returns a recording of each.
 */
'use strict'

const { join } = require('path')
const { parentPort, workerData } = require('worker_threads')
const simulator = require('../../simulator/phone')
const { beside, createModules, withEndings } = require('../../simulator/phone/modules')

const { url, site, program } = workerData

/** Milliseconds without an event of the server after which a scene is complete. */
const QUIET = 400
/** Milliseconds after which a step that has not ended never will. */
const PATIENCE = 20000
const ATTEMPTS = 3
/** Milliseconds between two looks whether it is quiet. */
const GLANCE = 50

const now = () => performance.timeOrigin + performance.now()

/** What the page knows before the next scene. */
const before = { state: 'loading', screen: { name: 'start' } }
/** What is heard of the scene being recorded. */
let steps = new Map()
let messages = []
let heardAt = now()
let end

/** @param {any} message */
function hear(message) {
  heardAt = now()
  if (message.step) return void steps.set(message.step.id, message.step)
  for (const name of ['state', 'screen']) if (message[name]) before[name] = message[name]
  messages.push({ after: heardAt, message })
  if (message.over && end) end()
}

/** Plays an order to its end. */
async function play(order) {
  steps = new Map()
  messages = []
  const began = now()
  const known = { ...before }
  const over = new Promise((resolve) => {
    end = resolve
  })
  // @ts-expect-error: the phone's.
  globalThis.onmessage({ data: order })
  await over
  await quiet(order)
  const broken = messages.find(({ message }) => message.trouble || message.isGone)
  if (broken) throw new Error(`${order.order}: ${broken.message.trouble || 'the server does not answer'}`)
  return recordingOf(began, known)
}

/** Some scenes are about limits in time, and fail on a machine that is too busy. */
async function playUntilItSucceeds(order) {
  for (let attempt = 1; ; attempt++) {
    try {
      // Every scene begins signed in, so that none has to be prepared.
      if (before.state !== 'signed-in') await play({ order: 'signIn' })
      return await play(order)
    } catch (failed) {
      if (attempt === ATTEMPTS) throw failed
    }
  }
}

/** The server's last events arrive a moment later. */
async function quiet(order) {
  const deadline = now() + PATIENCE
  const open = () => [...steps.values()].filter((step) => !step.end)
  while (now() - heardAt < QUIET || open().length > 0) {
    if (now() > deadline)
      throw new Error(`${order.order}: never ended: ${open().map(({ lane, what }) => `${lane}: ${what}`)}`)
    await new Promise((resolve) => setTimeout(resolve, GLANCE))
  }
}

/** Everything in milliseconds after the beginning. */
function recordingOf(began, known) {
  const since = (at) => Math.round((at - began) * 10) / 10
  const ended = ({ end, at, ...step }) => ({
    ...step,
    at: since(at),
    end: { ...end, took: Math.round(end.took * 10) / 10 },
  })
  return {
    before: known,
    steps: [...steps.values()].map(ended),
    messages: messages.map(({ after, message }) => {
      const at = message.at === undefined ? {} : { at: since(message.at) }
      return { after: since(after), message: { ...message, ...at } }
    }),
  }
}

/** Tells of the server's events. Server and phone are on one machine, so their clocks are one. */
async function listen(world) {
  const { body } = await fetch(`${url}/worlds/${world}/events`)
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += value
      const events = text.split('\n\n')
      text = events.pop()
      for (const event of events) {
        const [, data] = /^data: ?(\{.*)$/m.exec(event) || []
        if (!data) continue
        const { step } = JSON.parse(data)
        hear({ step: { ...step, id: `there ${step.id}` } })
      }
    }
  }
  read().catch(() => process.exit(1))
}

/** Runs the phone as the browser's worker does. */
function startPhone(world) {
  const { platform } = simulator
  const there = (path) => path.replace(/^\/program\//, `${program}/`)
  const scope = {
    simulator: {
      ...simulator,
      platform: {
        ...platform,
        readText: (path) => platform.readText(there(path)),
        readModule: (path) => platform.readModule(there(path)),
      },
    },
  }
  Object.assign(globalThis, {
    location: { origin: url },
    onmessage: undefined,
    postMessage: (message) =>
      hear(message.step ? { step: { ...message.step, id: `here ${message.step.id}` } } : message),
  })
  const modules = createModules({
    readText: (path) =>
      path === '/simulator/phone/index.js' ? 'module.exports = simulator' : platform.readText(join(site, path)),
    candidates: (specifier, from) => withEndings(beside(from, specifier)),
    scope,
  })
  modules.require('/phone/main.js')
  // @ts-expect-error: the phone's.
  globalThis.onmessage({ data: { world } })
}

async function main() {
  const response = await fetch(`${url}/worlds`, { method: 'POST' })
  const { world } = /** @type {any} */ (await response.json())
  await listen(world)
  startPhone(world)
  const first = await play({ order: 'first' })
  parentPort.on('message', async (next) => {
    if (!next) process.exit(0)
    try {
      const recording = next.order === 'first' ? first : await playUntilItSucceeds(next)
      parentPort.postMessage({ name: [next.order, next.rival].filter(Boolean).join('.'), recording })
    } catch (error) {
      // An error in a promise would only be a warning to the main thread.
      setImmediate(() => {
        throw error
      })
    }
  })
  parentPort.postMessage({})
}

main()
