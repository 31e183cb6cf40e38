/*
 * The step that a visitor looks at: pointed at while a mouse rests on it, or chosen, which lasts. It is looked at as a part of
 * the way of a call. Both charts share the selection.
 */
import { wayOf } from './way.js'

/** @typedef {import('./runs.js').Run} Run @typedef {import('./runs.js').Step} Step */

/** @param {() => void} changed */
export function createSelection(changed) {
  /** `along` is the step that the followed way is that of. @type {{run: Run, id: string, along: string} | undefined} */
  let chosen
  /** @type {{run: Run, id: string} | undefined} */
  let pointed
  const same = (one, other) => one?.run === other?.run && one?.id === other?.id
  const stepOf = (place) => place?.run.steps.get(place.id)

  return {
    changed,
    /** The half of a run that the step is in. */
    run: () => (stepOf(pointed) ? pointed?.run : chosen?.run),
    /** @returns {Step | undefined} */
    step: () => stepOf(pointed) || stepOf(chosen),
    /** @returns {Step | undefined} */
    chosen: () => stepOf(chosen),
    /** All steps of the way that is looked at. @returns {Step[]} */
    way() {
      const place = stepOf(pointed) ? pointed : chosen
      const step = stepOf(place)
      if (!place || !step) return []
      const along = place === chosen ? place.run.steps.get(chosen.along) : undefined
      return wayOf(place.run, along || step)
    },
    /** Chooses a step, or none. @param {Run} [run] @param {Step} [step] */
    choose(run, step) {
      chosen = run && step && { run, id: step.id, along: step.id }
      pointed = undefined
      changed()
    },
    /** Goes to another step of the way that is followed. @param {Step} step */
    goTo(step) {
      if (chosen) chosen = { ...chosen, id: step.id }
      pointed = undefined
      changed()
    },
    /** @param {Run} [run] @param {Step} [step] */
    point(run, step) {
      const next = run && step && { run, id: step.id }
      if (same(next, pointed)) return
      pointed = next
      changed()
    },
    /** Forgets what is in other runs than this one. @param {Run | undefined} run */
    keepTo(run) {
      const isThere = (place) => place && (place.run === run || place.run === run?.rival)
      if (!isThere(chosen)) chosen = undefined
      if (!isThere(pointed)) pointed = undefined
    },
  }
}
