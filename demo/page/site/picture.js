/* The picture of a run: one chart, or in a race two beside each other, as high as the window leaves room for. */
import { createChart } from './chart.js'
import { layOut } from './lanes.js'
import { pixelsOf } from './svg.js'
import { said, word } from './words.js'

/** Pixels: the least height of a chart's lanes, its axis, and what is left below. */
const LEAST = 210
const AXIS = 20
const MARGIN = 14

const NOTHING = {
  name: '',
  began: 0,
  over: 1,
  steps: new Map(),
  hasMore: false,
  wasCleared: false,
  states: [],
  otherStates: [],
}

/** @param {any} selection */
export function createPicture(selection) {
  const element = (id) => document.getElementById(id)
  const ours = createChart(element('chart'), selection)
  const theirs = createChart(element('rival-chart'), selection)

  /** The pixels with which axis and inspector still are in the window. */
  function room() {
    const { top } = element('chart').getBoundingClientRect()
    const below = AXIS + element('inspector').offsetHeight + MARGIN
    return Math.max(LEAST, document.documentElement.clientHeight - (top + scrollY) - below)
  }

  return {
    /** @param {import('./runs.js').Run | undefined} run @param {number} now */
    show(run, now) {
      const halves = run?.rival ? [run, run.rival] : [run || NOTHING]
      const size = { width: ours.width(), height: room() }
      const laidOut = layOut(halves, now, size, (step) => pixelsOf(said(step.what)) + 18)
      ours.show(run, laidOut[0], now, word('chart.label'))
      if (!run?.rival) return
      theirs.width()
      theirs.show(run.rival, laidOut[1], now, word('chart.rival', { rival: word(`rival.${run.rival.name}`) }))
    },
  }
}
