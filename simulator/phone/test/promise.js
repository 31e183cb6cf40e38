'use strict'

const { equal, test } = require('./runner')
const { start } = require('./start')

async function programWith(promise) {
  const { phone } = await start(() => ({}), { promise })
  return Object.assign({ phone }, phone.require('./promises'))
}

test('reactions of a setTimeout Promise run among the timers, those of the engine before them', async () => {
  equal(await (await programWith(undefined)).order(), ['reaction', 'timer before', 'timer after'])
  const slow = await programWith('setTimeout')
  equal(await slow.order(), ['timer before', 'reaction', 'timer after'])
  equal(slow.Promise === Promise, false)
})

test('a setTimeout Promise chains, catches, follows and gathers', async () => {
  const { Promise: Slow } = await programWith('setTimeout')
  const order = []
  equal(
    await Slow.resolve(1)
      .then((value) => Promise.resolve(value + 1))
      .then((value) => Slow.resolve(value + 1)),
    3,
  )
  equal(
    await Slow.reject(new Error('no'))
      .then(() => 'passed')
      .catch(({ message }) => message),
    'no',
  )
  equal(
    await new Slow(() => {
      throw new Error('thrown')
    }).catch(({ message }) => message),
    'thrown',
  )
  equal(
    await Slow.resolve(1).finally(() => {
      order.push('finally')
    }),
    1,
  )
  equal(
    await Slow.reject(2)
      .finally(() => {
        order.push('finally')
      })
      .then(null, (reason) => reason),
    2,
  )
  equal(await Slow.all([1, Slow.resolve(2), Promise.resolve(3)]), [1, 2, 3])
  equal(await Slow.all([]), [])
  equal(await Slow.race([new Slow(() => {}), Slow.resolve('first')]), 'first')
  equal(order, ['finally', 'finally'])
})

test('a setTimeout Promise is settled once, and never by itself', async () => {
  const { Promise: Slow } = await programWith('setTimeout')
  equal(
    await new Slow((resolve, reject) => {
      resolve('first')
      reject(new Error('second'))
      throw new Error('third')
    }),
    'first',
  )
  const circle = Slow.resolve().then(() => circle)
  equal(await circle.catch((error) => error instanceof TypeError), true)
})

test('WXWebAssembly speaks in the Promise of its program', async () => {
  const { phone, Promise: Slow } = await programWith('setTimeout')
  const instantiated = phone.WXWebAssembly.instantiate('/add.wasm')
  equal(instantiated instanceof Slow, true)
  equal((await instantiated).instance.exports.add(1, 2), 3)
})
