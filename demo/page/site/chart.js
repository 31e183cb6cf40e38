/*
 * The picture of a run: a lane for each participant, time from left to right, and a bar for each step, whose colour and
 * shape show how it ended. For a screen reader it is a list of options, which the arrow keys walk through.
 */
import { ticks } from './lanes.js'
import { followPointing } from './pointing.js'
import { lookOf, sentence } from './steps.js'
import { make, MARKS, pixelsOf, set, text } from './svg.js'
import { said, word } from './words.js'

/** The height of the axis in pixels. */
const AXIS = 20

/** The narrowest chart whose lanes have their names in full size. */
const WIDE = 560

/**
 * @param {HTMLElement} place
 * @param {any} selection
 */
export function createChart(place, selection) {
  const svg = make('svg', { role: 'listbox', tabindex: '0' })
  const back = svg.appendChild(make('g', { 'aria-hidden': 'true' }))
  const link = svg.appendChild(make('path', { class: 'link', 'aria-hidden': 'true' }))
  const trail = svg.appendChild(make('path', { class: 'link trail', 'aria-hidden': 'true' }))
  const front = svg.appendChild(make('g', { role: 'presentation' }))
  place.append(svg)
  /** @type {Map<string, {group: Element}>} */
  const drawn = new Map()
  /** @type {any} */
  let shown = { placed: [] }
  let run
  let labels = 0

  followPointing(svg, {
    shown: () => ({ placed: shown.placed, left: labels }),
    chosen: () => (selection.run() === run ? selection.chosen() : undefined),
    point: (step) => selection.point(run, step),
    choose: (step) => selection.choose(run, step),
  })

  /** Shows the way of the call that is looked at. */
  function follow() {
    const step = selection.run() === run ? selection.step() : undefined
    const chosen = selection.run() === run ? selection.chosen() : undefined
    const way = step ? selection.way() : []
    const ids = new Set(way.map(({ id }) => id))
    svg.classList.toggle('following', Boolean(step))
    for (const { step: other } of shown.placed) {
      const { group } = drawn.get(other.id)
      group.classList.toggle('followed', ids.has(other.id))
      group.classList.toggle('current', other.id === step?.id)
      group.setAttribute('aria-selected', String(other.id === chosen?.id))
    }
    if (chosen && drawn.has(chosen.id)) svg.setAttribute('aria-activedescendant', named(chosen))
    else svg.removeAttribute('aria-activedescendant')
    const stops = way.map(({ id }) => shown.placed.find((one) => one.step.id === id)).filter(Boolean)
    const here = stops.findIndex((one) => one.step.id === step?.id)
    link.setAttribute('d', stops.length > 1 ? path(stops) : '')
    trail.setAttribute('d', here > 0 ? path(stops.slice(0, here + 1)) : '')
  }

  return {
    /** The width of the lanes in pixels. */
    width() {
      labels = place.clientWidth < WIDE ? 80 : 92
      return Math.max(1, place.clientWidth - labels - 10)
    },
    /**
     * @param {import('./runs.js').Run | undefined} newest
     * @param {any} laidOut The run's steps in their places.
     * @param {number} now
     * @param {string} label What the chart is called.
     */
    show(newest, laidOut, now, label) {
      run = newest
      shown = laidOut
      const width = place.clientWidth
      svg.classList.toggle('narrow', width < WIDE)
      svg.setAttribute('aria-label', label)
      svg.setAttribute('viewBox', `0 0 ${width} ${shown.height + AXIS}`)
      svg.setAttribute('height', shown.height + AXIS)
      drawBack(back, shown, run, { width, labels, now })
      drawSteps(front, shown, drawn, labels, width)
      for (const line of [link, trail]) line.setAttribute('transform', `translate(${labels} 0)`)
      follow()
    },
  }
}

function drawBack(back, { lanes, height, span, x }, run, { width, labels, now }) {
  const parts = []
  const isRival = run && run.states.length === 0
  lanes.forEach(({ lane, top, height }, index) => {
    const name = word(`lane.${isRival && lane === 'wxsession' ? 'client' : lane}`)
    parts.push(make('rect', { class: `lane ${index % 2 ? 'odd' : 'even'}`, x: 0, y: top, width, height }))
    parts.push(text(name, { class: 'lane-name', x: 10, y: top + Math.min(18, height / 2 + 5) }))
    const states = run && { wxsession: run.states, other: run.otherStates }[lane]
    if (states) parts.push(...band(run, states, top, { x, labels, now, width }))
  })
  const marks = ticks(span, width / 110)
  marks.forEach((at, index) => {
    const place = labels + (at / span) * (width - labels - 10)
    parts.push(make('line', { class: 'tick', x1: place, x2: place, y1: 0, y2: height }))
    if (index === marks.length - 1 && width - place < 40) return
    parts.push(text(at >= 1000 ? `${at / 1000} s` : `${at} ms`, { class: 'axis', x: place + 3, y: height + 14 }))
  })
  back.replaceChildren(...parts)
}

/** The states of a phone's session, along the top of its lane. */
function band(run, states, top, { x, labels, now, width }) {
  return states.flatMap(({ state, at }, index) => {
    const from = x(at)
    const until = Math.min(
      index + 1 < states.length ? x(states[index + 1].at) : x(run.over || now),
      width - labels - 10,
    )
    if (until - from < 1) return []
    const name = word(`state.${state}`)
    const size = { x: labels + from, y: top + 4, width: until - from, height: 13 }
    const parts = [make('rect', { class: `band ${state}`, rx: 3, ...size })]
    if (pixelsOf(name) + 12 < until - from) {
      parts.push(text(name, { class: `band-name ${state}`, x: labels + from + 6, y: top + 14 }))
    }
    return parts
  })
}

function drawSteps(front, { placed }, drawn, labels, right) {
  const seen = new Set()
  for (const { step, isNamed, x, y, width, height } of placed) {
    seen.add(step.id)
    if (!drawn.has(step.id)) drawn.set(step.id, front.appendChild(newStep(step)) && { group: front.lastChild })
    const { group } = drawn.get(step.id)
    const [bar, mark, words] = group.children
    const look = lookOf(step)
    // A wait is a line, and a short step only its mark.
    const thick = look === 'held' ? Math.min(2, height) : isNamed ? 9 : height
    const long = look !== 'running' && look !== 'held' && width < 5 ? 0 : width
    const top = y + (height - thick) / 2
    if (group.dataset.outcome !== look) group.dataset.outcome = look
    const name = sentence(step)
    if (group.getAttribute('aria-label') !== name) group.setAttribute('aria-label', name)
    set(bar, { x: labels + x, y: top, width: long, height: thick, rx: Math.min(3, thick / 2) })
    set(mark, {
      d: MARKS[look] || '',
      transform: `translate(${labels + x + long} ${top + thick / 2}) scale(${Math.min(1, (thick + 2.5) / 9)})`,
    })
    const written = isNamed ? said(step.what) : ''
    // Without room behind a bar its words stand before it.
    const isBefore = labels + x + width + 9 + pixelsOf(written) > right && x > pixelsOf(written) + 9
    set(words, {
      x: isBefore ? labels + x - 7 : labels + x + width + 9,
      y: y + height / 2 + 3.6,
      'text-anchor': isBefore ? 'end' : 'start',
    })
    if (words.textContent !== written) words.textContent = written
  }
  for (const [id, { group }] of drawn) {
    if (!seen.has(id)) {
      group.remove()
      drawn.delete(id)
    }
  }
}

function newStep(step) {
  const group = make('g', {
    role: 'option',
    id: named(step),
    class: `step ${step.lane}`,
    'aria-selected': 'false',
  })
  group.dataset.step = step.id
  group.append(make('rect', { class: 'bar' }), make('path', { class: 'mark' }), make('text', { class: 'words' }))
  return group
}

/** The element's id for a step. */
const named = ({ id }) => `step-${id.replaceAll(' ', '-')}`

/** A line from stop to stop, through all lanes. */
function path(stops) {
  return stops
    .map(({ x, y, height }, index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${(y + height / 2).toFixed(1)}`)
    .join('')
}
