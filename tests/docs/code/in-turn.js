/* Guides to libraries whose interceptors renew a token: what they do when refusals arrive one after another. */
'use strict'

const { equal } = require('../../package/assert')
const { AT_ONCE, createService, PRODUCTS } = require('./services/in-turn')
const { start } = require('./start')
const { forty, twice } = require('./twice')

/**
 * The tests that all these guides share.
 *
 * @param {(name: string, run: () => Promise<void>) => void} test
 * @param {() => Promise<{files: Map<string, string>}>} guide
 * @param {(run: (file: string) => any) => (call: number) => Promise<any>} caller Makes the call that gets the products
 *   from what the guide's files export.
 */
function testInTurn(test, guide, caller) {
  const begin = async (/** @type {'before' | undefined} */ when = undefined) => {
    const service = createService()
    const { run } = await start(await guide(), service, when)
    const call = caller(run)
    let calls = 0
    return { service, call: () => call(calls++) }
  }

  /** How often the program signs in for refusals one after another. */
  async function signInsInTurn(/** @type {'before' | undefined} */ when = undefined) {
    const { service, call } = await begin(when)
    await call()
    const before = service.signIns
    service.expireInTurn()
    const found = await Promise.all(Array.from({ length: AT_ONCE }, call))
    equal(found, Array(AT_ONCE).fill(PRODUCTS))
    return service.signIns - before
  }

  test('before, each refusal that comes late signs in once more', async () => {
    equal(await signInsInTurn('before'), AT_ONCE)
  })

  test('afterwards one signs in for all, also when they arrive one after another', async () => {
    equal(await signInsInTurn(), 1)
    const { service, call } = await begin()
    equal([await twice(call, service), service.signIns], [forty(PRODUCTS), 2])
  })
}

module.exports = { testInTurn }
