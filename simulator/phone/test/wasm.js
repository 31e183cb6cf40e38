'use strict'

const { equal, test } = require('./runner')
const { start } = require('./start')

async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    return error.message
  }
  throw new Error('resolved')
}

test('a module is instantiated by its path in the code package, packed or not', async () => {
  const { phone } = await start(() => ({}))
  for (const path of ['/add.wasm', 'add.wasm', '/add.wasm.br', 'add.wasm.br']) {
    const { instance, module } = await phone.WXWebAssembly.instantiate(path, {})
    equal(instance.exports.add(2, 3), 5)
    equal(typeof module, 'object')
  }
  equal(phone.counts.instantiations, 4)
})

test('bytes, other files and other places are refused', async () => {
  const { phone } = await start(() => ({}))
  /** @type {{instantiate(path: unknown): Promise<unknown>}} */
  const { instantiate } = phone.WXWebAssembly
  equal(/Argument 0 must be a buffer source/.test(await refusal(instantiate(new Uint8Array(8)))), true)
  for (const path of ['/absent.wasm', 'app.js', '../package/add.wasm', 'https://a.example/add.wasm']) {
    equal(/found in the code package/.test(await refusal(instantiate(path))), true, path)
  }
})

test('WXWebAssembly has instantiate and nothing else of WebAssembly', async () => {
  const { phone } = await start(() => ({}))
  equal(Object.keys(phone.WXWebAssembly), ['instantiate'])
})

test('a hook makes it fail, take time, or resolve to the Instance alone', async () => {
  const { phone } = await start(() => ({}))
  const twists = [{ fail: new Error('now and then') }, { bare: true, delay: 5 }]
  phone.hooks.instantiate = () => twists.shift()
  equal(await refusal(phone.WXWebAssembly.instantiate('/add.wasm')), 'now and then')
  const instance = await phone.WXWebAssembly.instantiate('/add.wasm')
  equal(instance.exports.add(20, 22), 42)
})
