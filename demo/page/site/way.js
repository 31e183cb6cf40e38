/* The way of one call through all lanes, with the sign-in that it waited for. */
import { isOfSignIn } from './lanes.js'

/** Milliseconds from which on a wait counts as one. */
const WAIT = 5

/** @typedef {import('./runs.js').Run} Run @typedef {import('./runs.js').Step} Step */

/**
 * The steps of a call, or of a sign-in, in the order in which they began.
 * @param {Run} run
 * @param {Step} step Any of them.
 * @returns {Step[]}
 */
export function wayOf(run, step) {
  const all = [...run.steps.values()].sort((one, other) => one.at - other.at)
  const ofCall = step.call ? all.filter(({ call }) => call === step.call) : []
  const signIns = all.filter(({ lane, what }) => lane === 'wxsession' && what === 'signing in')
  const waits = ofCall.filter(({ lane, end }) => lane === 'wxsession' && !(end?.took < WAIT))
  const meant = step.call ? signIns.filter((one) => waits.some((wait) => overlap(one, wait))) : signIns
  const shared = meant.filter((one) => step.call || overlap(one, step)).flatMap((signIn) => all.filter(partOf(signIn)))
  const way = new Set([...ofCall, ...shared, step])
  return all.filter((one) => way.has(one))
}

/**
 * The call whose way is the longest: it waited, and was sent twice. Where there is a thief, it is one of the thief's.
 * @param {Run} run @returns {Step | undefined}
 */
export function mostTelling(run) {
  const all = [...run.steps.values()]
  const who = all.some(({ lane }) => lane === 'thief') ? 'thief' : 'page'
  const calls = all.filter(({ lane, call }) => lane === who && call)
  const length = (call) => wayOf(run, call).length
  return calls.reduce((most, call) => (most && length(most) >= length(call) ? most : call), calls[0])
}

/** Only wxsession shares its sign-in and tells of it. Which call another client signs in for cannot be seen from outside. */
const partOf = (signIn) => (step) =>
  !step.call && overlap(step, signIn) && (isOfSignIn(step) || step.lane === 'store' || step.lane === 'users')

const endOf = ({ at, end }) => (end ? at + end.took : Infinity)
const overlap = (one, other) => one.at <= endOf(other) && endOf(one) >= other.at
