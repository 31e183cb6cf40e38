/* Prints the demonstration's counts, and judges each. */
'use strict'

/** Milliseconds between two dots of a long wait. */
const TICK = 500

const ROWS = [
  { name: 'wx.login', counts: ['logins', 'codes'] },
  { name: 'exchanges of a code', counts: ['exchanges', 'exchangesAtWeChat'] },
  { name: 'other requests', counts: ['requests'] },
  { name: 'refused (4xx)', counts: ['refusals'] },
  { name: 'answers to the app', counts: ['answers'] },
]

function introduce() {
  console.log(
    'Counted by the simulated phone (calls of wx) and by the simulated WeChat (codes issued, codes exchanged).\n',
  )
}

function announce(number, title) {
  console.log(`${number}  ${title}`)
}

/** Prints dots until `work` is done. */
async function wait(what, work) {
  process.stdout.write(`   … ${what} `)
  const ticks = setInterval(() => process.stdout.write('.'), TICK)
  try {
    return await work
  } finally {
    clearInterval(ticks)
    process.stdout.write('\n')
  }
}

/**
 * @typedef {{isRight: boolean, text: string}} Check
 *
 * @param {import('./stage').Counts} before
 * @param {import('./stage').Counts} after
 * @param {object} least The fewest calls possible, by the phone's names of the counts.
 * @returns {Check[]}
 */
function compare(before, after, least) {
  return ROWS.map(({ name, counts }) => {
    const counted = counts.map((count) => after[count] - before[count])
    const goals = counts.map((count) => (count in least ? least[count] : least[counts[0]]))
    const isRight = counted.every((count, place) => count === goals[place])
    return { isRight, text: row(name, counted[0], counted[1], [...new Set(goals)].join(', ')) }
  })
}

function row(name, onThePhone, atWeChat, least) {
  const columns = [String(onThePhone).padStart(8), String(atWeChat === undefined ? '' : atWeChat).padStart(8)]
  return `${name.padEnd(22)}${columns.join('')}${String(least).padStart(16)}`
}

/** @param {Check[]} checks */
function report(checks) {
  console.log(`     ${row('', 'phone', 'WeChat', 'least possible')}`)
  for (const { isRight, text } of checks) console.log(`   ${isRight ? '✓' : '✗'} ${text}`)
  console.log('')
}

function close(isLeast, isWhole, milliseconds) {
  const verdict = isLeast ? 'Every count is the least possible.' : 'NOT every count is the least possible: see ✗ above.'
  const rest = isWhole ? '' : ' The remaining scenes were not played.'
  console.log(`${verdict}${rest} ${(milliseconds / 1000).toFixed(1)} s`)
}

module.exports = { announce, close, compare, introduce, report, wait }
