/* SVG elements, and the shapes that show how a step ended. */

const SVG = 'http://www.w3.org/2000/svg'
const CHARACTER = 6.4

const DOT = 'M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z'

/** The shape at the end of a bar, around its centre. */
export const MARKS = {
  ok: DOT,
  signing: DOT,
  refused: 'M0-4.4L4.4 0L0 4.4L-4.4 0z',
  failed: 'M-3.4-3.4L3.4 3.4M3.4-3.4L-3.4 3.4',
  aborted: 'M0-4.4V4.4',
}

export function make(name, attributes = {}) {
  const element = document.createElementNS(SVG, name)
  set(element, attributes)
  return element
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
    if (element.getAttribute(name) !== text) element.setAttribute(name, text)
  }
}

export function text(content, attributes) {
  const element = make('text', attributes)
  element.textContent = content
  return element
}

/** The approximate width of a text. Chinese characters are twice as wide as Latin ones. */
export function pixelsOf(text) {
  return [...text].reduce((sum, character) => sum + (character > '\u2e80' ? 12 : CHARACTER), 0)
}

/** The shapes, for the legend. @param {string} outcome */
export function sample(outcome) {
  const svg = make('svg', { width: '34', height: '12', viewBox: '0 0 34 12', 'aria-hidden': 'true' })
  const group = make('g', { class: 'step' })
  group.dataset.outcome = outcome
  const thick = outcome === 'held' ? 2 : 7
  group.append(make('rect', { class: 'bar', x: 1, y: 6 - thick / 2, width: 25, height: thick, rx: thick / 2 }))
  group.append(make('path', { class: 'mark', d: MARKS[outcome] || '', transform: 'translate(26 6)' }))
  svg.append(group)
  return svg
}
