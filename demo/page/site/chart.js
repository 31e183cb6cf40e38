/*
 * The picture of a run: a lane for each participant, time from left to right, and a bar for each step, whose colour and
 * shape show how it ended. For a screen reader it is a list of options, which the arrow keys walk through.
 */
import { LANES, layOut, ticks } from './lanes.js'
import { make, MARKS, pixelsOf, set, text } from './svg.js'
import { duration, said, word } from './words.js'

const AXIS = 20

export function createChart(place, details) {
  const svg = make('svg', { role: 'listbox', tabindex: '0' })
  const back = svg.appendChild(make('g', { 'aria-hidden': 'true' }))
  const link = svg.appendChild(make('path', { class: 'link', 'aria-hidden': 'true' }))
  const front = svg.appendChild(make('g', { role: 'presentation' }))
  place.append(svg)
  /** @type {Map<string, {bar: Element, group: Element}>} */
  const drawn = new Map()
  /** @type {any} */
  let shown = { placed: [] }
  let run
  let note = ''
  /** The step that is pointed at or chosen by keys. */
  let pointed
  let chosen

  function follow() {
    const step = pointed || chosen
    const call = step?.call
    svg.classList.toggle('following', Boolean(step))
    for (const { step: other } of shown.placed) {
      const { group } = drawn.get(other.id)
      group.classList.toggle(
        'followed',
        Boolean(step) && (other.id === step.id || (Boolean(call) && other.call === call)),
      )
      group.setAttribute('aria-selected', String(other.id === chosen?.id))
    }
    if (chosen && drawn.has(chosen.id)) svg.setAttribute('aria-activedescendant', `step-${chosen.id.replace(' ', '-')}`)
    else svg.removeAttribute('aria-activedescendant')
    link.setAttribute('d', call ? path(shown.placed.filter(({ step: other }) => other.call === call)) : '')
    details.textContent = step ? sentence(step, run) : note
    details.classList.toggle('empty', !step)
  }

  svg.addEventListener('pointermove', ({ target }) => point(target))
  svg.addEventListener('pointerdown', ({ target }) => point(target))
  svg.addEventListener('pointerleave', () => point(svg))
  function point(target) {
    const id = target.closest?.('[data-step]')?.dataset.step
    const step = id && run?.steps.get(id)
    if (step === pointed) return
    pointed = step
    follow()
  }

  svg.addEventListener('keydown', (event) => {
    const to = next(event.key)
    if (to === undefined) return
    event.preventDefault()
    chosen = to
    pointed = undefined
    follow()
  })
  svg.addEventListener('blur', () => {
    chosen = undefined
    follow()
  })

  /** Left and right move through time in all lanes, up and down from lane to lane. */
  function next(key) {
    const steps = shown.placed.map(({ step }) => step).sort((one, other) => one.at - other.at)
    const here = steps.findIndex(({ id }) => id === chosen?.id)
    if (key === 'Escape') return null
    if (key === 'Home') return steps[0]
    if (key === 'End') return steps.at(-1)
    if (key === 'ArrowRight') return steps[Math.min(here + 1, steps.length - 1)]
    if (key === 'ArrowLeft') return steps[Math.max(here - 1, 0)]
    if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined
    if (here < 0) return steps[0]
    const by = key === 'ArrowDown' ? 1 : -1
    const lanes = LANES.slice()
    for (let lane = lanes.indexOf(chosen.lane) + by; lanes[lane]; lane += by) {
      const there = steps.filter((step) => step.lane === lanes[lane])
      const same = there.find(({ call }) => call && call === chosen.call)
      const nearest = there.sort((one, other) => Math.abs(one.at - chosen.at) - Math.abs(other.at - chosen.at))[0]
      if (same || nearest) return same || nearest
    }
    return chosen
  }

  return {
    /** @param {import('./runs.js').Run | undefined} newest */
    show(newest, now, remark) {
      if (newest !== run) {
        pointed = chosen = undefined
        run = newest
      }
      note = remark
      const width = place.clientWidth
      const labels = width < 560 ? 80 : 92
      svg.classList.toggle('narrow', width < 560)
      svg.setAttribute('aria-label', word('chart.label'))
      const empty = { began: 0, over: 1, steps: new Map(), states: [], otherStates: [] }
      shown = layOut(run || empty, now, width - labels - 10, (step) => pixelsOf(said(step.what)) + 18)
      // A finished run takes the room that it needs; a run in progress does not shrink.
      svg.setAttribute('viewBox', `0 0 ${width} ${shown.height + AXIS}`)
      svg.setAttribute('height', shown.height + AXIS)
      drawBack(back, shown, run, { width, labels, now })
      drawSteps(front, shown, drawn, labels, width)
      link.setAttribute('transform', `translate(${labels} 0)`)
      follow()
    },
  }
}

function drawBack(back, { lanes, height, span, x }, run, { width, labels, now }) {
  const parts = []
  lanes.forEach(({ lane, top, height }, index) => {
    parts.push(make('rect', { class: `lane ${index % 2 ? 'odd' : 'even'}`, x: 0, y: top, width, height }))
    parts.push(text(word(`lane.${lane}`), { class: 'lane-name', x: 10, y: top + 18 }))
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
    const [hit, bar, mark, words] = group.children
    const look = step.end ? heldOr(step) : 'running'
    // A wait is a line, and a short step only its mark.
    const thick = look === 'held' ? 2 : isNamed ? 9 : height
    const long = look !== 'running' && look !== 'held' && width < 5 ? 0 : width
    const top = y + (height - thick) / 2
    if (group.dataset.outcome !== look) group.dataset.outcome = look
    const name = sentence(step)
    if (group.getAttribute('aria-label') !== name) group.setAttribute('aria-label', name)
    set(hit, { x: labels + x - 3, y: y - 1, width: width + 8, height: height + 2 })
    set(bar, { x: labels + x, y: top, width: long, height: thick, rx: Math.min(3, thick / 2) })
    set(mark, {
      d: MARKS[look] || '',
      transform: `translate(${labels + x + long} ${top + thick / 2}) scale(${Math.min(1, (thick + 3) / 9)})`,
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
    id: `step-${step.id.replace(' ', '-')}`,
    class: `step ${step.lane}`,
    'aria-selected': 'false',
  })
  group.dataset.step = step.id
  group.append(
    make('rect', { class: 'hit' }),
    make('rect', { class: 'bar' }),
    make('path', { class: 'mark' }),
    make('text', { class: 'words' }),
  )
  return group
}

/** A call that wxsession holds has neither succeeded nor failed: it waits. */
function heldOr({ lane, what, end }) {
  return lane === 'wxsession' && what !== 'signing in' && end.outcome === 'ok' ? 'held' : end.outcome
}

/** A line from the first step of a call to the last, through all lanes. */
function path(placed) {
  return placed
    .sort((one, other) => one.step.at - other.step.at)
    .map(({ x, y, height }, index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${(y + height / 2).toFixed(1)}`)
    .join('')
}

/** The description of a step. */
function sentence(step, run) {
  const { lane, what, call, at, end } = step
  const outcome = end
    ? `${word(`outcome.${end.outcome}`)}${end.said ? ` (${said(end.said)})` : ''}`
    : word('outcome.running')
  const parts = [word(`lane.${lane}`), said(what)]
  if (call) parts.push(`${word('column.call')} ${call.replace('call ', '')}`)
  parts.push(outcome)
  if (end) parts.push(duration(end.took))
  if (run) parts.push(`+${duration(Math.max(0, at - run.began))}`)
  return parts.join(' · ')
}
