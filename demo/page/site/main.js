/* The page: buttons in, runs out. */
import { createChart } from './chart.js'
import { createHandset } from './handset.js'
import { count, createRuns, STEPS_KEPT } from './runs.js'
import { createScoreboard } from './scoreboard.js'
import { GROUPS, leastOf } from './scenes.js'
import { createSettings } from './settings.js'
import { sample } from './svg.js'
import { createTable } from './table.js'
import { createToolbar } from './toolbar.js'
import { changeLanguage, hasWord, word, write } from './words.js'
import { enterWorld } from './world.js'

const element = (id) => document.getElementById(id)
const now = () => performance.timeOrigin + performance.now()

const lessMotion = matchMedia('(prefers-reduced-motion: reduce)')
/** Milliseconds between two drawings of the passing time, where motion is reduced. */
const CALM = 250

let runs = createRuns()
let world
/** The scene or order in progress. */
let playing
/** The current problem: the name of its words, and their values. @type {[string, object?] | undefined} */
let trouble
/** How often the page has begun. A reset during another one replaces it. */
let beginnings = 0
let hasLost = false
/** Whether a frame has been requested. Nothing is drawn before all parts exist. */
let isDirty = true
/** The timer of the next drawing for visitors who ask for less motion. */
let tick

const scoreboard = createScoreboard()
const toolbar = createToolbar({ changed: draw, cleared: clear })
const chart = createChart(element('chart'), element('details'))
const table = createTable(element('calls'))
const handset = createHandset({ order: play })
createSettings({
  changed: draw,
  language: () => {
    changeLanguage()
    say()
  },
})

function nameOf(run) {
  return word(hasWord(`scene.${run}`) ? `scene.${run}` : `order.${run}`)
}

function lookOf(run) {
  return word(hasWord(`scene.${run}.look`) ? `scene.${run}.look` : `order.${run}.look`)
}

/** Plays a scene or an order of the phone's buttons, one at a time. */
function play(order) {
  if (playing || !world) return
  playing = order
  trouble = undefined
  element('news').textContent = ''
  world.order(order)
  toolbar.follow()
  draw()
}

const on = {
  step(step) {
    runs.step(step)
    draw()
  },
  lost() {
    hasLost = true
    draw()
  },
  gone() {
    trouble = ['trouble.world']
    draw()
  },
  message(message) {
    if (message.run) runs.begin(message.run, message.at)
    if (message.state) runs.changeState(message.state, message.at)
    if ('otherState' in message) runs.changeOtherState(message.otherState, message.at)
    if (message.screen) handset.show(message.screen)
    if ('otherScreen' in message) handset.showOther(message.otherScreen)
    if (message.otherScreen === null) runs.changeOtherState(undefined)
    if (message.trouble) trouble = ['trouble.page', { what: message.trouble }]
    if (message.isGone) on.gone()
    if (message.over) {
      runs.end(message.at)
      playing = undefined
      announce()
    }
    draw()
  },
}

/** Announces the result of a run once, when the run is over. */
function announce() {
  const run = runs.all.at(-1)
  if (run) element('news').textContent = word('news', { name: nameOf(run.name), ...count(run) })
}

function clear() {
  runs.clear(playing !== undefined)
  hasLost = false
  draw()
}

/** Ends everything and begins in a new world. Resolves to whether that succeeded. */
async function reset() {
  const beginning = ++beginnings
  world?.leave()
  world = undefined
  playing = undefined
  trouble = undefined
  hasLost = false
  runs = createRuns()
  toolbar.follow()
  handset.show({ name: 'start' })
  handset.showOther(null)
  draw()
  try {
    const entered = await enterWorld(on)
    if (beginning !== beginnings) return entered.leave()
    world = entered
    play('first')
    return true
  } catch (error) {
    if (beginning === beginnings) on.gone()
  }
}

function say() {
  write()
  draw()
}

function draw() {
  if (isDirty) return
  isDirty = true
  requestAnimationFrame(() => {
    isDirty = false
    show()
    if (playing) drawPassingTime()
  })
}

/** During a scene the running bars grow: smoothly, or now and then for visitors who ask for less motion. */
function drawPassingTime() {
  clearTimeout(tick)
  if (lessMotion.matches) tick = setTimeout(draw, CALM)
  else draw()
}

function show() {
  const run = toolbar.show(runs.all)
  const state = runs.state()
  element('state').dataset.state = state
  element('state-name').textContent = word(`state.${state}`)
  element('run-title').textContent = run ? nameOf(run.name) : word('run.none')
  element('run-look').textContent = run ? lookOf(run.name) : word('run.none.look')
  // The counts of a part of a scene have no least.
  const least = run && !run.hasMore && !run.wasCleared ? leastOf(run.name) : undefined
  scoreboard.show(run && count(run), least, run?.over !== undefined)
  const isPicture = toolbar.view() === 'picture'
  element('chart').hidden = !isPicture
  element('calls').hidden = isPicture
  element('details').hidden = !isPicture
  if (isPicture) chart.show(run, now(), noteOn(run))
  else table.show(run)
  handset.update({ state, isPlaying: playing !== undefined || !world })
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll('#scenes button')
  for (const button of buttons) {
    button.setAttribute('aria-disabled', String(playing !== undefined || !world))
    button.classList.toggle('playing', button.dataset.scene === playing)
    button.classList.toggle('shown', button.dataset.scene === run?.name)
  }
  element('trouble').textContent = trouble ? word(...trouble) : ''
  document.body.dataset.ready = String(world !== undefined && playing === undefined)
}

function noteOn(run) {
  if (hasLost) return word('details.lost')
  return run?.hasMore ? word('details.more', { kept: STEPS_KEPT }) : word('details.none')
}

function listScenes() {
  for (const [group, scenes] of Object.entries(GROUPS)) {
    const title = document.createElement('h3')
    title.id = `scenes-${group}`
    title.dataset.word = `scenes.${group}`
    const list = document.createElement('ol')
    list.setAttribute('aria-labelledby', title.id)
    list.append(...scenes.map(listed))
    element('scenes').append(title, list)
  }
}

/** The button of a scene. @param {{name: string}} scene */
function listed({ name }) {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.scene = name
  button.innerHTML = `<strong data-word="scene.${name}"></strong>` + `<span data-word="scene.${name}.what"></span>`
  button.addEventListener('click', () => {
    play(name)
    if (matchMedia('(max-width: 760px)').matches) element('run-title').scrollIntoView({ block: 'start' })
  })
  const item = document.createElement('li')
  item.append(button)
  return item
}

function explainShapes() {
  for (const outcome of ['ok', 'refused', 'failed', 'aborted', 'held', 'running']) {
    const item = document.createElement('li')
    const name = document.createElement('span')
    name.dataset.word = `outcome.${outcome}`
    item.append(sample(outcome), name)
    element('legend').append(item)
  }
}

async function announcedReset() {
  if (await reset()) element('news').textContent = word('reset.done')
}

listScenes()
explainShapes()
element('reset').addEventListener('click', announcedReset)
new ResizeObserver(() => draw()).observe(element('timeline'))
isDirty = false
say()
reset()
