/*
 * Measures what a request with a live session costs over wx.request itself:
 *   node bench/scripts/cost.js --program FOLDER --library NAME
 *   jsc [--useJIT=false] simulator/phone/jsc.js -- bench/scripts/cost.js …
 *
 * Prints the nanoseconds that a call took in each round, bare and through the library, in turn.
 */
'use strict'

const { argument, createLibraries, now, report } = require('./engine')
const { CALL_URL, LOGIN_URL, answer, createStub, createWXWebAssembly } = require('./stub')
const { platform } = require('../../simulator/phone')

/** Simultaneous calls: as many as wx sends at once. */
const AT_ONCE = 10
/** Milliseconds of a round; short, so that other programs seldom disturb one. */
const ROUND = 2
const ROUNDS = 30
const WARM_UP = 500

async function main() {
  const program = argument('program')
  const name = argument('library')
  const wx = createStub(new Map())
  const WXWebAssembly = createWXWebAssembly(
    platform.readModule(`${program}/miniprogram_npm/wxsession/wxsession.wasm.br`),
  )
  const libraries = createLibraries(program, { wx, WXWebAssembly })
  const library = libraries.load(name).setUp({ loginUrl: LOGIN_URL })
  const bare = libraries.load('bare').setUp()

  await signIn(library)
  wx.request = answer
  await during(WARM_UP, bare)
  await during(WARM_UP, library)

  const rounds = []
  while (rounds.length < ROUNDS) rounds.push(await inTurn(bare, library, rounds.length % 2 === 1))
  report({ library: name, rounds })
}

/** Nanoseconds of a call, bare and through the library. The order alternates from pair to pair. */
async function inTurn(bare, library, isReversed) {
  const pair = {}
  const turns = [
    ['bare', bare],
    ['library', library],
  ]
  for (const [kind, each] of isReversed ? turns.reverse() : turns) pair[kind] = await during(ROUND, each)
  return pair
}

/** The first call signs in. Its answer proves that calls arrive. */
function signIn(library) {
  return new Promise((resolve, reject) => library.request(CALL_URL, resolve, reject)).then(({ data }) => {
    if (!data.products) throw new Error('the answer did not arrive')
  })
}

/**
 * Calls for this many milliseconds and returns the nanoseconds of one call. Ignores the slowest tenth, which holds most of
 * the disturbance by the system and by garbage collection.
 */
async function during(milliseconds, { request }) {
  const times = []
  for (const end = now() + milliseconds; now() < end || times.length === 0; ) times.push(await together(request))
  const counted = times.sort((one, other) => one - other).slice(0, Math.ceil(times.length * 0.9))
  return (counted.reduce((sum, time) => sum + time, 0) * 1e6) / (counted.length * AT_ONCE)
}

/** Milliseconds from the first call to the last answer. */
function together(request) {
  return new Promise((resolve, reject) => {
    let left = AT_ONCE
    const done = () => {
      if (--left === 0) resolve(now() - began)
    }
    const began = now()
    for (let call = 0; call < AT_ONCE; call++) request(CALL_URL, done, reject)
  })
}

main().catch((error) => {
  platform.print(`${error.message || error}`)
  platform.exit(true)
})
