/* The layout of a run: each step in its lane, in rows, with simultaneous steps below each other. */
import { endOf } from './runs.js'

export const LANES = ['page', 'wxsession', 'wx', 'other', 'other-wx', 'server', 'store', 'users', 'wechat']

/** Lanes that only some scenes have. */
const OPTIONAL = ['other', 'other-wx', 'users']

/** Lanes with the state of a phone's session along the top. */
const WITH_STATES = ['wxsession', 'other']

/** Steps with words beside them. The others are many and alike. */
const NAMED =
  /^(wx\.login|exchange|signing in|two hours pass|administrator|login code|code2Session|session\.|hook: |request (POST|PUT) )/

/** The least width of a step in pixels, so that steps of the store do not overlap. */
const LEAST = 9
const THIN = 5
const THICK = 9
const WITH_WORDS = 16
const PADDING = 6
const BAND = 15
/** From this many rows on, rows are thin. */
const MANY = 10

/**
 * @param {import('./runs.js').Run} run
 * @param {number} now
 * @param {number} width The width of the lanes in pixels.
 * @param {(step: import('./runs.js').Step) => number} wordsOf The width of a step's words in pixels.
 */
export function layOut(run, now, width, wordsOf) {
  const span = Math.max(400, (endOf(run, now) - run.began) * 1.04)
  const perPixel = span / width
  const x = (at) => (Math.max(run.began, at) - run.began) / perPixel
  const placed = []
  const lanes = []
  let top = 0
  const steps = [...run.steps.values()].sort((one, other) => one.at - other.at)
  for (const lane of LANES) {
    const own = steps.filter((step) => step.lane === lane && !isFleeting(step, span))
    if (own.length === 0 && OPTIONAL.includes(lane)) continue
    const wordsFor = (step) => (NAMED.test(step.what) ? wordsOf(step) * perPixel : 0)
    const { rows, rowOf } = pack(own, wordsFor, LEAST * perPixel)
    const first = top + PADDING + (WITH_STATES.includes(lane) ? BAND : 0)
    const heights = rows.map(({ hasWords }) => (hasWords ? WITH_WORDS : rows.length > MANY ? THIN : THICK))
    const tops = heights.map((height, row) => first + heights.slice(0, row).reduce((sum, other) => sum + other, 0))
    for (const step of own) {
      const row = rowOf.get(step)
      const until = step.end ? step.at + step.end.took : now
      placed.push({
        step,
        isNamed: NAMED.test(step.what),
        x: x(step.at),
        width: Math.max(3, x(until) - x(step.at)),
        y: tops[row],
        height: heights[row] - 1,
      })
    }
    const bottom = first + heights.reduce((sum, height) => sum + height, 0) + PADDING
    const height = Math.max(bottom - top, 26)
    lanes.push({ lane, top, height })
    top += height
  }
  return { lanes, placed, height: top, span, x }
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

/** Gives each step the first free row. Steps with words have rows of their own, above the others. */
function pack(steps, wordsFor, least) {
  const rows = []
  const rowOf = new Map()
  for (const step of steps) {
    const words = wordsFor(step)
    const until = step.end ? step.at + Math.max(step.end.took, least) + words : Infinity
    let row = rows.find((other) => other.until <= step.at && other.hasWords === words > 0)
    if (!row) rows.push((row = { until: 0, hasWords: words > 0 }))
    row.until = until
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
