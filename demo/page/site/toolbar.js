/* Chooses the run that is shown, and how. */
import { word } from './words.js'

/** @param {{changed(): void, cleared(): void}} on */
export function createToolbar(on) {
  const element = (id) => document.getElementById(id)
  /** The chosen run; undefined follows the newest. */
  let held
  /** Whether the chosen run stays when a new scene begins. */
  let isPaused = false
  let shown
  let known = []
  let view = 'picture'

  const go = (steps) => () => {
    const place = known.indexOf(shown) + steps
    if (!known[place]) return
    held = place === known.length - 1 ? undefined : known[place]
    on.changed()
  }
  const look = (as) => () => {
    view = as
    on.changed()
  }
  element('earlier').addEventListener('click', go(-1))
  element('later').addEventListener('click', go(1))
  element('picture').addEventListener('click', look('picture'))
  element('table').addEventListener('click', look('table'))
  element('clear').addEventListener('click', () => {
    held = undefined
    on.cleared()
  })
  element('pause').addEventListener('click', () => {
    isPaused = !isPaused && Boolean(shown)
    held = isPaused ? shown : undefined
    on.changed()
  })

  return {
    view: () => view,
    /** Shows the newest, unless the visitor has paused. */
    follow() {
      if (!isPaused) held = undefined
    },
    /** The run to show. */
    show(runs) {
      known = runs
      if (!runs.includes(held)) {
        held = undefined
        isPaused = false
      }
      shown = held || runs.at(-1)
      const place = runs.indexOf(shown) + 1
      element('place').textContent = word('place', { place, all: runs.length })
      for (const [id, isThere] of [
        ['earlier', place > 1],
        ['later', place < runs.length],
      ]) {
        element(id).setAttribute('aria-disabled', String(!isThere))
        element(id).setAttribute('aria-label', word(id))
      }
      element('pause').textContent = word(isPaused ? 'resume' : 'pause')
      element('pause').setAttribute('aria-pressed', String(isPaused))
      for (const id of ['picture', 'table']) element(id).setAttribute('aria-pressed', String(view === id))
      return shown
    },
  }
}
