/*
 * The history: a run for each played scene, with the steps of all lanes. Both runs and steps are bounded.
 */

const RUNS_KEPT = 12
export const STEPS_KEPT = 600

/**
 * @typedef {{id: string, rival?: boolean, lane: string, what: string, call?: string, at: number,
 *   end?: {took: number, outcome: string, said: string}}} Step
 * @typedef {{name: string, began: number, over?: number, steps: Map<string, Step>, hasMore: boolean, wasCleared: boolean,
 *   states: Array<{state: string, at: number}>, otherStates: Array<{state: string, at: number}>, rival?: Run}} Run The
 *   name is the scene's, or that of the client that races beside ours.
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

    /** @param {string} name @param {number} at @param {string} [rival] The client that races beside ours. */
    begin(name, at, rival) {
      const run = begun(name, at)
      run.states.push({ state, at })
      if (otherState) run.otherStates.push({ state: otherState, at })
      if (rival) run.rival = begun(rival, at)
      const earlier = runs.at(-1)
      if (earlier) takeOver(earlier, run, at)
      runs.push(run)
      if (runs.length > RUNS_KEPT) runs.shift()
    },
    end(at) {
      const run = runs.at(-1)
      if (!run) return
      run.over = at
      if (run.rival) run.rival.over = at
    },
    /** @param {Step} step */
    step(step) {
      const half = (run) => (step.rival ? run?.rival : run)
      const part = half(runs.find((run) => half(run)?.steps.has(step.id)) || runAt(step.at))
      // Between two races a rival prepares, which is not shown.
      if (!part || (step.rival && step.at > part.over)) return
      part.steps.set(step.id, step)
      if (part.steps.size > STEPS_KEPT) {
        part.steps.delete(part.steps.keys().next().value)
        part.hasMore = true
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
      for (const part of [last, last?.rival]) {
        part?.steps.clear()
        if (part) part.wasCleared = true
      }
    },
  }
}

/** The server tells of a step by another way than the phone tells of a run, so the step may be known first. */
function takeOver(earlier, run, at) {
  for (const [from, to] of [
    [earlier, run],
    [earlier.rival, run.rival],
  ]) {
    for (const [id, step] of from?.steps || []) {
      if (step.at < at) continue
      from.steps.delete(id)
      to?.steps.set(id, step)
    }
  }
}

/** @returns {Run} */
function begun(name, at) {
  return { name, began: at, steps: new Map(), hasMore: false, wasCleared: false, states: [], otherStates: [] }
}

/** The counters, from the steps that are drawn, of both phones. @param {Run} run */
export function count(run) {
  const counts = { logins: 0, exchanges: 0, requests: 0, refusals: 0, answers: 0, lost: 0 }
  for (const { lane, what, end } of run.steps.values()) {
    const isWx = lane === 'wx' || lane === 'other-wx'
    if (isWx && what === 'wx.login') counts.logins++
    else if (isWx) {
      counts.requests++
      if (what === 'exchange') counts.exchanges++
      if (end?.outcome === 'refused') counts.refusals++
    } else if (lane === 'thief') {
      if (end?.outcome === 'refused') counts.refusals++
    } else if ((lane === 'page' || lane === 'other') && isCall(what)) {
      if (end?.outcome === 'ok') counts.answers++
      else if (end) counts.lost++
    }
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

/** Milliseconds until the app had the last of its answers, or undefined while some are missing. @param {Run} run */
export function tookOf(run) {
  const calls = [...run.steps.values()].filter(({ lane, what }) => lane === 'page' && isCall(what))
  if (calls.length === 0 || calls.some(({ end }) => !end)) return undefined
  return Math.max(...calls.map(({ at, end }) => at + end.took)) - run.began
}
