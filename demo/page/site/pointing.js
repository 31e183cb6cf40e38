/*
 * Finds the step that is meant in a chart, by a mouse, a finger or the keys. A finger is wider than a bar, so the nearest bar
 * is meant; it stays chosen when the finger goes.
 */
import { LANES } from './lanes.js'

/** Pixels around a bar that still mean it. */
const REACH = { mouse: 6, touch: 28 }

/**
 * @param {SVGElement} svg
 * @param {object} on
 * @param {() => {placed: any[], left: number}} on.shown The placed steps, and the pixels to the left of the lanes.
 * @param {() => import('./runs.js').Step | undefined} on.chosen
 * @param {(step?: import('./runs.js').Step) => void} on.point
 * @param {(step?: import('./runs.js').Step) => void} on.choose
 */
export function followPointing(svg, on) {
  const meant = (event) => {
    const { left, top } = svg.getBoundingClientRect()
    const { placed, left: labels } = on.shown()
    const reach = event.pointerType === 'mouse' ? REACH.mouse : REACH.touch
    return nearest(placed, event.clientX - left - labels, event.clientY - top, reach)
  }

  svg.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse') on.point(meant(event))
    // A finger that moves sideways goes from bar to bar; up and down it scrolls the page.
    else if (meant(event)) on.choose(meant(event))
  })
  svg.addEventListener('pointerleave', (event) => {
    if (event.pointerType === 'mouse') on.point(undefined)
  })
  // Not `pointerdown`, with which scrolling begins too.
  svg.addEventListener('click', (event) => on.choose(meant(event)))
  svg.addEventListener('keydown', (event) => {
    const steps = on.shown().placed.map(({ step }) => step)
    const to = next(
      event.key,
      steps.sort((one, other) => one.at - other.at),
      on.chosen(),
    )
    if (to === undefined) return
    event.preventDefault()
    on.choose(to || undefined)
  })
}

function nearest(placed, x, y, reach) {
  let found
  let least = reach
  for (const { step, x: left, y: top, width, height } of placed) {
    const far = Math.hypot(outside(x, left, width), outside(y, top, height))
    if (far >= least) continue
    found = step
    least = far
  }
  return found
}

const outside = (at, from, size) => Math.max(from - at, 0, at - from - size)

/** Left and right move through time in all lanes, up and down from lane to lane. Null means none, undefined another key. */
function next(key, steps, chosen) {
  const here = steps.findIndex(({ id }) => id === chosen?.id)
  if (key === 'Escape') return null
  if (key === 'Home') return steps[0]
  if (key === 'End') return steps.at(-1)
  if (key === 'ArrowRight') return steps[Math.min(here + 1, steps.length - 1)]
  if (key === 'ArrowLeft') return steps[Math.max(here - 1, 0)]
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined
  if (here < 0) return steps[0]
  const by = key === 'ArrowDown' ? 1 : -1
  for (let lane = LANES.indexOf(chosen.lane) + by; LANES[lane]; lane += by) {
    const there = steps.filter((step) => step.lane === LANES[lane])
    const same = there.find(({ call }) => call && call === chosen.call)
    const nearest = there.sort((one, other) => Math.abs(one.at - chosen.at) - Math.abs(other.at - chosen.at))[0]
    if (same || nearest) return same || nearest
  }
  return chosen
}
