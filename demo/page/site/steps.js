/* How a step looks, and the words for it. */
import { isOfSignIn } from './lanes.js'
import { duration, outcomeOf, said, word } from './words.js'

/** A call that wxsession holds has neither succeeded nor failed: it waits. A sign-in has a look of its own. */
export function lookOf(step) {
  const { lane, what, end } = step
  if (!end) return 'running'
  if (end.outcome !== 'ok') return end.outcome
  if (isOfSignIn(step)) return 'signing'
  return lane === 'wxsession' && what !== 'signing in' ? 'held' : 'ok'
}

/** The description of a step. @param {import('./runs.js').Step} step @param {import('./runs.js').Run} [run] */
export function sentence(step, run) {
  const { lane, what, call, at, end } = step
  const parts = [word(`lane.${step.rival && lane === 'wxsession' ? 'client' : lane}`), said(what)]
  if (call) parts.push(`${word('column.call')} ${call.replace('call ', '')}`)
  parts.push(end ? outcomeOf(end, ({ outcome, detail }) => `${outcome} (${detail})`) : word('outcome.running'))
  if (end) parts.push(duration(end.took))
  if (run) parts.push(`+${duration(Math.max(0, at - run.began))}`)
  return parts.join(' · ')
}
