/*
 * The history: a run for each played scene, with the steps of all lanes. Both runs and steps are bounded.
 */

const RUNS_KEPT = 12
export const STEPS_KEPT = 600

/**
 * @typedef {{id: string, lane: string, what: string, call?: string, at: number,
 *   end?: {took: number, outcome: string, said: string}}} Step
 * @typedef {{name: string, began: number, over?: number, steps: Map<string, Step>, hasMore: boolean, wasCleared: boolean,
 *   states: Array<{state: string, at: number}>, otherStates: Array<{state: string, at: number}>}} Run
 */

export function createRuns() {
  /** @type {Run[]} */
  const runs = []
  let state = 'loading'
  /** Of the second phone, if there is one. */
  let otherState

  /** The run during which something happened. */
  const runAt = (at) => runs.findLast((run) => run.began <= at)

  return {
    all: runs,
    state: () => state,

    begin(name, at) {
      const otherStates = otherState ? [{ state: otherState, at }] : []
      runs.push({
        name,
        began: at,
        steps: new Map(),
        hasMore: false,
        wasCleared: false,
        states: [{ state, at }],
        otherStates,
      })
      if (runs.length > RUNS_KEPT) runs.shift()
    },
    end(at) {
      const run = runs.at(-1)
      if (run) run.over = at
    },
    step(step) {
      const run = runs.find((run) => run.steps.has(step.id)) || runAt(step.at)
      if (!run) return
      run.steps.set(step.id, step)
      if (run.steps.size > STEPS_KEPT) {
        run.steps.delete(run.steps.keys().next().value)
        run.hasMore = true
      }
    },
    changeState(to, at) {
      state = to
      runAt(at)?.states.push({ state, at })
    },
    changeOtherState(to, at) {
      otherState = to
      if (to) runAt(at)?.otherStates.push({ state: to, at })
    },
    /** Removes all runs, and the steps so far of the one being played. */
    clear(isPlaying) {
      const last = isPlaying ? runs.at(-1) : undefined
      runs.length = 0
      if (last) runs.push(last)
      if (!last) return
      last.steps.clear()
      last.wasCleared = true
    },
  }
}

/** The counters, from the steps that are drawn, of both phones. @param {Run} run */
export function count(run) {
  const counts = { logins: 0, exchanges: 0, requests: 0, refusals: 0, answers: 0 }
  for (const { lane, what, end } of run.steps.values()) {
    const isWx = lane === 'wx' || lane === 'other-wx'
    if (isWx && what === 'wx.login') counts.logins++
    else if (isWx) {
      counts.requests++
      if (what === 'exchange') counts.exchanges++
      if (end?.outcome === 'refused') counts.refusals++
    } else if ((lane === 'page' || lane === 'other') && isCall(what) && end?.outcome === 'ok') counts.answers++
  }
  return counts
}

const isCall = (what) => /^(request|uploadFile) /.test(what)

/** The time of the last known step in a run. @param {Run} run */
export function endOf(run, now) {
  let end = run.began
  for (const step of run.steps.values()) end = Math.max(end, step.end ? step.at + step.end.took : now)
  return run.over ? end : now
}
