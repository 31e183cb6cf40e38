/* The page: buttons in, runs out. */
import { createFrames } from './frames.js'
import { createHandset } from './handset.js'
import { createInspector } from './inspector.js'
import { showLines } from './lines.js'
import { createPicture } from './picture.js'
import { createPlayer } from './player.js'
import { createRace } from './race.js'
import { enterRecording, recordedOn } from './recorded.js'
import { count, createRuns, STEPS_KEPT } from './runs.js'
import { listScenes } from './scene-list.js'
import { isRace, leastOf } from './scenes.js'
import { createScoreboard } from './scoreboard.js'
import { createSelection } from './selection.js'
import { createSettings } from './settings.js'
import { sample } from './svg.js'
import { createTable } from './table.js'
import { createToolbar } from './toolbar.js'
import { createTour } from './tour.js'
import { mostTelling } from './way.js'
import { changeLanguage, counted, hasWord, word, write } from './words.js'
import { enterWorld } from './world.js'

const element = (id) => document.getElementById(id)
const now = () => performance.timeOrigin + performance.now()

/** The first start of a phone, which the page plays itself. */
const FIRST = 'first'

/** What a screen reader hears of a run. */
const COUNTED = ['logins', 'exchanges', 'requests', 'refusals', 'answers']

let runs = createRuns()
let world
/** The current problem: the name of its words, and their values. @type {[string, object?] | undefined} */
let trouble
/** How often the page has begun. A reset during another one replaces it. */
let beginnings = 0
let hasLost = false
/** The run that is shown. @type {import('./runs.js').Run | undefined} */
let shown

const { draw, ...frames } = createFrames({ show, isPlaying: () => player.playing() !== undefined })
const player = createPlayer({ begin, changed: draw })
const selection = createSelection(draw)
const scoreboard = createScoreboard()
const toolbar = createToolbar({ changed: draw, cleared: clear })
const picture = createPicture(selection)
const inspector = createInspector(selection, () => {
  const step = shown && mostTelling(shown)
  return step && { run: shown, step }
})
const table = createTable(element('calls'))
const handset = createHandset({ order: press })
const race = createRace({ chosen: () => press(shown && isRace(shown.name) ? shown.name : 'cold') })
const tour = createTour({ play: player.play, walk: inspector.walk, changed: draw })
const scenes = listScenes({ play: press })
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

/** A visitor's press of a button. */
function press(order) {
  element('news').textContent = ''
  inspector.stop()
  player.play(order)
}

/** Begins a scene or an order of the phone's buttons. */
function begin(order) {
  trouble = undefined
  element('news').textContent = ''
  selection.choose()
  world.order(order, isRace(order) ? race.rival() : undefined)
  toolbar.follow()
}

const on = {
  step(step) {
    runs.step(step)
    frames.drawCalmly()
  },
  lost() {
    hasLost = true
    draw()
  },
  gone() {
    trouble = [recordedOn() ? 'trouble.recording' : 'trouble.world']
    draw()
  },
  message(message) {
    if (message.run) runs.begin(message.run, message.at, message.rival)
    if (message.state) runs.changeState(message.state, message.at)
    if ('otherState' in message) runs.changeOtherState(message.otherState, message.at)
    if (message.screen) handset.show(message.screen)
    if ('otherScreen' in message) handset.showOther(message.otherScreen)
    if (message.otherScreen === null) runs.changeOtherState(undefined)
    if (message.trouble) trouble = ['trouble.page', { what: message.trouble }]
    if (message.isGone) on.gone()
    if (message.over) {
      runs.end(message.at)
      announce()
      player.over()
      if (message.over === FIRST && !frames.isCalm() && player.isIdle()) tour.startUntouched()
      else tour.over(message.over)
    }
    draw()
  },
}

/** Announces the result of a run once, when the run is over. */
function announce() {
  const run = runs.all.at(-1)
  if (!run) return
  const sentences = [summary(nameOf(run.name), run, COUNTED)]
  if (run.rival) sentences.push(summary(word(`rival.${run.rival.name}`), run.rival, [...COUNTED, 'lost']))
  element('news').textContent = sentences.join(' ')
}

/** @param {string} name @param {import('./runs.js').Run} run @param {string[]} counters */
function summary(name, run, counters) {
  const counts = count(run)
  const texts = counters.map((counter) => counted(`news.${counter}`, counts[counter]))
  return word('news', { name, counts: texts.join(word('news.and')) })
}

function clear() {
  runs.clear(player.playing() !== undefined)
  hasLost = false
  draw()
}

/** Ends everything and begins in a new world. Resolves to whether that succeeded. */
async function reset() {
  const beginning = ++beginnings
  world?.leave()
  world = undefined
  player.reset()
  tour.stop()
  inspector.stop()
  trouble = undefined
  hasLost = false
  runs = createRuns()
  toolbar.follow()
  handset.show({ name: 'start' })
  handset.showOther(null)
  draw()
  try {
    const entered = await (recordedOn() ? enterRecording(on) : enterWorld(on))
    if (beginning !== beginnings) return entered.leave()
    world = entered
    player.ready(FIRST)
    draw()
    return true
  } catch (error) {
    if (beginning === beginnings) on.gone()
  }
}

function say() {
  write()
  element('recorded').textContent = recordedOn() ? word('recorded', { day: recordedOn() }) : ''
  draw()
}

function show() {
  const run = (shown = toolbar.show(runs.all))
  const state = runs.state()
  selection.keepTo(run)
  element('state').dataset.state = state
  element('state-name').textContent = word(`state.${state}`)
  element('run-title').textContent = run ? nameOf(run.name) : word('run.none')
  element('run-look').textContent = run ? lookOf(run.name) : word('run.none.look')
  // The counts of a part of a scene have no least.
  const least = run && !run.hasMore && !run.wasCleared ? leastOf(run.name) : undefined
  const rival = run?.rival && { name: run.rival.name, counts: count(run.rival) }
  scoreboard.show(run && count(run), least, run?.over !== undefined, rival)
  race.show(run)
  const isPicture = toolbar.view() === 'picture'
  for (const id of ['charts', 'inspector']) element(id).hidden = !isPicture
  element('calls').hidden = isPicture
  if (isPicture) {
    inspector.show(noteOn(run), !run || run.steps.size === 0)
    picture.show(run, now())
  } else table.show(run)
  handset.update({ state, waiting: player.waiting() })
  scenes.show({ playing: player.playing(), waiting: player.waiting(), shown: run?.name })
  element('tour').textContent = word(tour.isOn() ? 'tour.stop' : 'tour')
  element('tour').setAttribute('aria-pressed', String(tour.isOn()))
  element('trouble').textContent = trouble ? word(...trouble) : ''
  document.body.dataset.ready = String(player.isIdle())
}

function noteOn(run) {
  if (hasLost) return word('details.lost')
  return run?.hasMore ? word('details.more', { kept: STEPS_KEPT }) : word('details.none')
}

function explainShapes() {
  for (const outcome of ['ok', 'signing', 'refused', 'failed', 'aborted', 'held', 'running']) {
    const item = document.createElement('li')
    const name = document.createElement('span')
    name.dataset.word = `outcome.${outcome}`
    item.append(sample(outcome), name)
    element('legend').append(item)
  }
}

function tell(text) {
  element('news').textContent = text
}

async function announcedReset() {
  if (await reset()) tell(word('reset.done'))
}

document.body.classList.toggle('is-recorded', Boolean(recordedOn()))
explainShapes()
showLines((text) => {
  tell(text)
  element('copy').textContent = text
})
element('reset').addEventListener('click', announcedReset)
element('tour').addEventListener('click', () => (tour.isOn() ? tour.stop() : tour.start()))
new ResizeObserver(() => draw()).observe(element('timeline'))
addEventListener('resize', draw)
frames.begin()
say()
reset()
