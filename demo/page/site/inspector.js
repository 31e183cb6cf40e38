/* Says what a step is, and goes from step to step along the way of its call. */
import { sentence } from './steps.js'
import { duration, word } from './words.js'

/** Milliseconds that each step is shown while a call is followed. */
const PACE = 700

/** @typedef {import('./runs.js').Run} Run @typedef {import('./runs.js').Step} Step */

/**
 * @param {ReturnType<typeof import('./selection.js').createSelection>} selection
 * @param {() => {run: Run, step: Step} | undefined} find Finds a call that is worth following.
 */
export function createInspector(selection, find) {
  const element = (id) => document.getElementById(id)
  const [details, place, list, follow] = ['details', 'way-place', 'way', 'follow'].map(element)
  let written = ''
  let timer

  const at = (steps) => steps.findIndex(({ id }) => id === selection.step()?.id)

  function go(by) {
    const steps = selection.way()
    const next = steps[at(steps) + by]
    if (next) selection.goTo(next)
    return Boolean(next)
  }

  function stop() {
    clearInterval(timer)
    timer = undefined
  }

  /** Walks from the first step to the last. Returns the milliseconds that this takes. */
  function walk(pace = PACE) {
    if (!selection.step()) {
      const found = find()
      if (!found) return 0
      selection.choose(found.run, found.step)
    } else if (!selection.chosen()) selection.choose(selection.run(), selection.step())
    const steps = selection.way()
    selection.goTo(steps[0])
    stop()
    timer = setInterval(() => {
      if (!go(1)) stopShown()
    }, pace)
    return steps.length * pace
  }

  function stopShown() {
    stop()
    selection.changed()
  }

  for (const [id, by] of [
    ['back', -1],
    ['forth', 1],
  ]) {
    element(id).addEventListener('click', () => {
      stop()
      go(by)
    })
  }
  follow.addEventListener('click', () => {
    if (timer) stopShown()
    else walk()
  })

  return {
    walk,
    stop,
    /** @param {string} note What is said while nothing is looked at. @param {boolean} isEmpty Whether there is no call yet. */
    show(note, isEmpty) {
      const [run, step] = [selection.run(), selection.step()]
      if (timer && !step) stop()
      const steps = selection.way()
      const here = at(steps)
      const text = step ? sentence(step, run) : note
      if (details.textContent !== text) details.textContent = text
      details.classList.toggle('empty', !step)
      place.textContent = step ? word('way.place', { place: here + 1, all: steps.length }) : ''
      for (const [id, isThere] of [
        ['back', here > 0],
        ['forth', here >= 0 && here < steps.length - 1],
      ]) {
        element(id).setAttribute('aria-disabled', String(!isThere))
        element(id).setAttribute('aria-label', word(id))
      }
      follow.textContent = word(timer ? 'follow.stop' : 'follow')
      follow.setAttribute('aria-pressed', String(timer !== undefined))
      follow.setAttribute('aria-disabled', String(isEmpty))
      list.hidden = !step
      if (step) write(run, steps, here)
    },
  }

  function write(run, steps, here) {
    const texts = steps.map((step) => [
      step.id,
      word(`lane.${step.lane}`),
      duration(Math.max(0, step.at - run.began)),
      step.end?.outcome || 'running',
    ])
    const text = JSON.stringify([here, texts])
    if (text === written) return
    written = text
    list.replaceChildren(
      ...texts.map(([, lane, at, outcome], index) => {
        const button = document.createElement('button')
        button.type = 'button'
        button.dataset.outcome = outcome
        button.append(lane, ' ', Object.assign(document.createElement('small'), { textContent: at }))
        if (index === here) button.setAttribute('aria-current', 'step')
        button.addEventListener('click', () => {
          stop()
          selection.goTo(steps[index])
        })
        const item = document.createElement('li')
        item.append(button)
        return item
      }),
    )
    const current = /** @type {HTMLElement | undefined} */ (list.children[here])
    if (current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2
  }
}
