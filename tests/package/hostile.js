/*
 * A wx that breaks every promise, for calls of every kind: each call ends exactly once, nothing is thrown into wx, and the
 * session stays as it was.
 */
'use strict'

const { equal, ok } = require('./assert')
const { byHand, kinds, make, noting, sends, transfers } = require('./kinds')
const { group } = require('./runner')
const { start } = require('./start')
const { quiet, turns, until } = require('./waiting')

const test = group('hostile wx')

const live = async (setting) => (await start(setting)).signedIn()
const thrower = () => {
  throw new Error('a property that throws')
}
const throwing = Object.defineProperty({}, 'errMsg', { get: thrower, enumerable: true })

const failures = {
  nothing: undefined,
  null: null,
  'a text': 'fail',
  'an empty text': '',
  'a number': 17,
  'an Error': new Error('fail'),
  'no errno': { errMsg: 'fail 网络错误' },
  'a frozen object': Object.freeze({ errMsg: 'fail', errno: 5 }),
  'an errMsg that is no text': { errMsg: { a: 1 }, errno: '5' },
  'properties that throw': throwing,
}

/** What the callbacks of a call have heard once all is quiet. */
async function heardOf(world, kind, options) {
  const heard = []
  make(world, kind, '/a', Object.assign(noting(heard), options))
  await turns(1)
  await quiet(world)
  await turns(4)
  return heard
}

for (const kind of kinds) {
  test(`${kind} that fails with anything fails once`, async () => {
    for (const name of Object.keys(failures)) {
      const world = await live()
      world.phone.hooks[kind] = () => ({ fail: failures[name] })
      const errors = []
      for (const options of [{}, { auth: false }]) {
        const fail = (error) => errors.push(error)
        equal(await heardOf(world, kind, Object.assign({ fail }, options)), ['complete request_failed'], name)
      }
      for (const error of errors) {
        world.told.errors.push(error)
        ok(error instanceof world.SessionError && typeof error.errMsg === 'string', `${name}: a SessionError`)
      }
      equal([errors.length, world.session.state], [2, 'signed-in'])
    }
  })

  test(`${kind} whose wx answers in the same tick, late, or three times has one end`, async () => {
    for (const twist of [{ sameTick: true }, { late: 700 }, { times: 3 }]) {
      for (const failing of [{}, { fail: { errMsg: 'fail' } }]) {
        const world = await live()
        world.phone.hooks[kind] = () => Object.assign({}, twist, failing)
        const heard = []
        make(world, kind, '/a', noting(heard))
        if (twist.late) {
          await turns(4)
          await quiet(world)
          equal(heard, [])
          await world.clock.pass(700)
        }
        await until(() => heard.length > 0)
        await turns(4)
        const kindOfEnd = 'fail' in failing ? 'fail' : 'success'
        equal(
          heard.map((word) => word.split(' ')[0]),
          [kindOfEnd, 'complete'],
          JSON.stringify([twist, failing]),
        )
      }
    }
  })

  test(`${kind} in a phone that calls back in the same tick signs in and goes`, async () => {
    const world = await start({ phone: { sameTick: true } })
    const heard = []
    make(world, kind, '/a', noting(heard))
    await until(() => heard.length === 2)
    equal([heard.map((word) => word.split(' ')[0]), world.phone.counts.logins], [['success', 'complete'], 1])
  })

  test(`${kind} that wx never answers keeps nobody else waiting`, async () => {
    const world = await live()
    world.phone.hooks[kind] = ({ path }) => (path === '/a' ? { times: 0 } : undefined)
    const heard = []
    make(world, kind, '/a', noting(heard))
    equal((await world.call('/b')).statusCode, 200)
    await world.session.logout()
    equal(heard, [])
  })

  test(`${kind} that wx fails after it succeeded, or the other way round, has the first end`, async () => {
    for (const [first, second] of [
      ['success', 'fail'],
      ['fail', 'success'],
    ]) {
      const world = await live()
      world.phone.wx[kind] = (options) => {
        for (const name of [first, second, first]) options[name]({ statusCode: 200, errMsg: 'x' })
        return {}
      }
      equal(
        (await heardOf(world, kind)).map((word) => word.split(' ')[0]),
        [first, 'complete'],
      )
    }
  })

  test(`${kind} fails where wx throws, or does not have it`, async () => {
    for (const broken of [
      undefined,
      () => {
        throw new Error('broken')
      },
      () => {
        throw undefined
      },
    ]) {
      const world = await live()
      world.phone.wx[kind] = broken
      equal(await heardOf(world, kind), ['fail request_failed', 'complete request_failed'])
      equal(await heardOf(world, kind, { auth: false }), ['fail request_failed', 'complete request_failed'])
    }
  })

  test(`${kind} works where wx gives no task, or one without methods`, async () => {
    for (const task of [undefined, null, {}, 17]) {
      const world = await live()
      const native = world.phone.wx[kind]
      world.phone.wx[kind] = (options) => {
        native(options)
        return task
      }
      equal(
        (await heardOf(world, kind)).map((word) => word.split(' ')[0]),
        ['success', 'complete'],
      )
    }
  })

  test(`${kind} of an app whose callbacks throw disturbs nothing, and what they throw is thrown on`, async () => {
    const world = await start()
    const thrown = new Error('of the app')
    const toss = () => {
      throw thrown
    }
    make(world, kind, '/a', { success: toss, fail: toss, complete: toss })
    equal((await world.call('/b')).statusCode, 200)
    const errors = await world.thrownOn(2)
    world.phone.hooks[kind] = () => ({ fail: 'no' })
    make(world, kind, '/a', { success: toss, fail: toss, complete: toss })
    const all = errors.concat(await world.thrownOn(2))
    ok(
      all.every((error) => error === thrown),
      'itself',
    )
  })

  test(`${kind} that repeats the session in its failure tells nobody`, async () => {
    for (const sessionPlace of ['header', 'query', 'body']) {
      const world = await start({ options: { sessionPlace } })
      world.backend.exchange = () => ({ data: { sessionid: 'a+b/c==' } })
      world.backend.ids.push('a+b/c==', encodeURIComponent('a+b/c=='))
      await world.signedIn()
      world.phone.hooks[kind] = ({ url, header, data, formData }) => ({
        fail: { errMsg: `fail ${url} ${JSON.stringify([header, data, formData])} not in domain list` },
      })
      let error
      make(world, kind, '/a', {
        data: {},
        formData: {},
        fail: (given) => {
          error = given
        },
      })
      await until(() => error)
      world.told.errors.push(error)
      ok(/not in domain list/.test(error.errMsg), `the rest is told: ${error.errMsg}`)
    }
  })
}

for (const kind of transfers) {
  test(`${kind}: nothing that wx says of a call after its end is heard`, async () => {
    const world = await live()
    const [heard, told] = [[], []]
    const sent = byHand(world, kind)
    const task = make(world, kind, '/a', noting(heard))
    task.onHeadersReceived(() => told.push('headers'))
    task.onProgressUpdate(() => told.push('progress'))
    task.onChunkReceived(() => told.push('chunk'))
    sent[0].options.success({ statusCode: 200, data: '' })
    for (const event of ['HeadersReceived', 'ProgressUpdate', 'ChunkReceived']) sent[0].tell(event, {})
    sent[0].options.fail('late')
    await turns(3)
    equal([heard, told], [['success 200', 'complete 200'], []])
  })

  test(`${kind}: nothing that wx says of the first send is heard during the second`, async () => {
    const world = await live()
    const [heard, told] = [[], []]
    const sent = byHand(world, kind)
    const task = make(world, kind, '/a', noting(heard))
    task.onProgressUpdate(({ progress }) => told.push(progress))
    sent[0].options.success({ statusCode: 401 })
    await until(() => sent.length === 2)
    sent[0].tell('ProgressUpdate', { progress: 1 })
    sent[0].options.success({ statusCode: 500 })
    sent[0].options.fail('late')
    sent[1].tell('ProgressUpdate', { progress: 2 })
    sent[1].options.success({ statusCode: 200 })
    equal([heard, told, sent.length], [['success 200', 'complete 200'], [2], 2])
  })

  test(`${kind} that nobody awaits and that fails is no unhandled rejection`, async () => {
    const world = await live()
    world.phone.hooks[kind] = () => ({ fail: 'no' })
    equal(await heardOf(world, kind), ['fail request_failed', 'complete request_failed'])
  })

  test(`${kind} in flight when the network changes, or WeChat interrupts, fails and says so`, async () => {
    for (const event of ['changeNetwork', 'interrupt']) {
      const world = await live()
      world.backend.call = () => ({ hang: true })
      const call = make(world, kind, '/a')
      await until(() => world.backend.at('/a').length === 1)
      world.phone[event]()
      const error = await world.failure(call, 'request_failed')
      const [{ failure }] = sends(world, kind, '/a')
      equal([error.errMsg, error.errno], [failure.errMsg, world.phone.host === 'wx' ? failure.errno : failure.errNo])
      equal(world.session.state, 'signed-in')
    }
  })
}

for (const kind of transfers) {
  test(`${kind} whose answer or headers have properties that throw: nothing is thrown into wx`, async () => {
    const world = await live()
    const sent = byHand(world, kind)
    const heard = []
    const hostile = Object.defineProperty({}, 'statusCode', {
      get() {
        throw new Error('a property that throws')
      },
    })
    const task = make(world, kind, '/a', { complete: () => heard.push('complete') })
    task.onHeadersReceived(() => {})
    sent[0].tell('HeadersReceived', hostile)
    sent[0].options.success(hostile)
    equal(heard, ['complete'])
  })
}

test('a sign-in whose answers throw when they are read fails at once, and the next one is made', async () => {
  const thrower = (name) =>
    Object.defineProperty({}, name, {
      get() {
        throw new Error('a property that throws')
      },
    })
  const world = await start()
  const { login, request } = world.phone.wx
  world.phone.wx.login = ({ success }) => {
    Promise.resolve(thrower('code')).then(success)
  }
  await world.failure(world.session.login(), 'login_failed')
  world.phone.wx.login = login
  world.phone.wx.request = ({ success }) => {
    Promise.resolve(thrower('header')).then(success)
  }
  await world.patiently(world.failure(world.session.login(), 'network'))
  world.phone.wx.request = request
  await world.session.login()
  equal(world.session.state, 'signed-in')
})
