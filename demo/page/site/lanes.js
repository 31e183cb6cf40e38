/* The layout of a run: each step in its lane, in rows, with simultaneous steps below each other. */
import { endOf } from './runs.js'

export const LANES = ['page', 'wxsession', 'wx', 'thief', 'other', 'other-wx', 'server', 'store', 'users', 'wechat']

/** Lanes that only some scenes have. */
const OPTIONAL = ['thief', 'other', 'other-wx', 'users']

/** Lanes with the state of a phone's session along the top. */
const WITH_STATES = ['wxsession', 'other']

/** Steps with words beside them, if they are few. */
const NAMED =
  /^(wx\.login|exchange|signing in|two hours pass|administrator|login code|code2Session|session\.|hook: |thief: |an hour passes|request (POST|PUT) )/

/** From this many of a kind in one lane on, none of them has words. */
const ALIKE = 4

/** The steps of a sign-in, which have a colour of their own. */
const OF_SIGN_IN = /^(wx\.login|exchange|login code|code2Session|POST \/wx\/onlogin|signing in)$/

/** The least width of a step in pixels, so that steps of the store do not overlap. */
const LEAST = 9
const THIN = 5
const THICK = 9
const WITH_WORDS = 16
const PADDING = 6
const BAND = 15
/** The least height of a lane, for its name. */
const LOWEST = 22
/** From this many rows on, rows are thin. */
const MANY = 10
/** How far rows without words shrink where there is little room. */
const FLATTEST = 0.28
const HALVINGS = 6

export const isOfSignIn = ({ what }) => OF_SIGN_IN.test(what)

/** The milliseconds that a picture of the run covers. @param {import('./runs.js').Run} run @param {number} now */
const spanOf = (run, now) => Math.max(400, (endOf(run, now) - run.began) * 1.04)

/**
 * Lays out the halves of a run, in which the same lane has the same place.
 *
 * @param {Array<import('./runs.js').Run>} runs
 * @param {number} now
 * @param {object} room
 * @param {number} room.width Of the lanes, in pixels.
 * @param {number} room.height The height in pixels that the lanes should not exceed.
 * @param {(step: import('./runs.js').Step) => number} wordsOf The width of a step's words in pixels.
 */
export function layOut(runs, now, { width, height }, wordsOf) {
  const span = Math.max(...runs.map((run) => spanOf(run, now)))
  const perPixel = span / width
  const halves = runs.map((run) => packed(run, span, wordsOf, perPixel))
  const there = LANES.filter((lane) => !OPTIONAL.includes(lane) || halves.some((half) => half[lane].own.length > 0))
  const { lanes, height: whole, rowsOf } = fitted((flat) => stack(halves, there, flat), height)
  return halves.map((half, index) => {
    const x = (at) => (Math.max(runs[index].began, at) - runs[index].began) / perPixel
    const placed = there.flatMap((lane) => {
      const { own, isNamed, rowOf } = half[lane]
      return own.map((step) => {
        const row = rowsOf[index][lane][rowOf.get(step)]
        const until = step.end ? step.at + step.end.took : now
        return {
          step,
          isNamed: isNamed(step),
          x: x(step.at),
          width: Math.max(3, x(until) - x(step.at)),
          y: row.top,
          height: Math.max(1, row.height - (row.height > 4 ? 1 : 0.5)),
        }
      })
    })
    return { lanes, placed, height: whole, span, x }
  })
}

/** The least flat stack that is no higher than this, or the flattest. @param {(flat: number) => ReturnType<typeof stack>} stacked */
function fitted(stacked, height) {
  let fits = FLATTEST
  let above = 1
  if (stacked(above).height <= height) return stacked(above)
  for (let time = 0; time < HALVINGS; time++) {
    const between = (fits + above) / 2
    if (stacked(between).height <= height) fits = between
    else above = between
  }
  return stacked(fits)
}

/** The steps of each lane, in rows. */
function packed(run, span, wordsOf, perPixel) {
  const steps = [...run.steps.values()].sort((one, other) => one.at - other.at)
  const half = {}
  for (const lane of LANES) {
    const own = steps.filter((step) => step.lane === lane && !isFleeting(step, span))
    const isNamed = namedAmong(own)
    const wordsFor = (step) => (isNamed(step) ? wordsOf(step) * perPixel : 0)
    half[lane] = { own, isNamed, ...pack(own, wordsFor, LEAST * perPixel, run.began + span) }
  }
  return half
}

/** Whether a step of a lane has words beside it. */
function namedAmong(steps) {
  const times = new Map()
  for (const { what } of steps) times.set(what, (times.get(what) || 0) + 1)
  return ({ what }) => NAMED.test(what) && times.get(what) < ALIKE
}

/** Puts the lanes below each other. `flat` is the part of their height that rows without words and margins keep. */
function stack(halves, there, flat) {
  const padding = PADDING * Math.max(0.5, flat)
  const lanes = []
  const rowsOf = halves.map(() => ({}))
  let top = 0
  for (const lane of there) {
    const first = top + padding + (WITH_STATES.includes(lane) ? BAND : 0)
    const bottoms = halves.map((half, index) => {
      const { rows } = half[lane]
      const usual = (rows.length > MANY ? THIN : THICK) * flat
      let bottom = first
      rowsOf[index][lane] = rows.map(({ hasWords }) => {
        const row = { top: bottom, height: hasWords ? WITH_WORDS : usual }
        bottom += row.height
        return row
      })
      return bottom
    })
    const height = Math.max(LOWEST, Math.max(...bottoms) + padding - top)
    lanes.push({ lane, top, height })
    top += height
  }
  return { lanes, height: top, rowsOf }
}

/**
 * Whether the picture shows a step. Short steps of wxsession would be specks; the table has them.
 *
 * @param {import('./runs.js').Step} step
 * @param {number} span
 */
function isFleeting({ lane, end }, span) {
  return lane === 'wxsession' && end?.outcome === 'ok' && end.took < span / 100
}

/**
 * Gives each step the first free row. Steps with words have rows of their own, above the others. Words without room behind
 * their step stand before it.
 */
function pack(steps, wordsFor, least, right) {
  const rows = []
  const rowOf = new Map()
  for (const step of steps) {
    const words = wordsFor(step)
    const end = step.end ? step.at + Math.max(step.end.took, least) : Infinity
    const isBefore = end + words > right
    const from = isBefore ? step.at - words : step.at
    let row = rows.find((other) => other.until <= from && other.hasWords === words > 0)
    if (!row) rows.push((row = { until: 0, hasWords: words > 0 }))
    row.until = isBefore ? end : end + words
    rowOf.set(step, row)
  }
  rows.sort((one, other) => other.hasWords - one.hasWords)
  return { rows, rowOf: new Map(steps.map((step) => [step, rows.indexOf(rowOf.get(step))])) }
}

/** Round numbers of milliseconds along the axis, about as many as asked for. */
export function ticks(span, about) {
  const rough = span / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  return Array.from({ length: Math.floor(span / step) + 1 }, (empty, index) => index * step)
}
