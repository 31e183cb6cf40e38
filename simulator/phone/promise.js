/*
 * A Promise without microtasks, as in WeChat up to iOS 15: its reactions run by setTimeout, so that timers, callbacks
 * and reactions run in a different order from the engine's own.
 */
'use strict'

/**
 * @param {{setTimeout: Function}} timers The program's.
 * @returns {PromiseConstructor} `then`, `catch`, `finally`; `resolve`, `reject`, `all`, `race`.
 */
function createPromise(timers) {
  class SlowPromise {
    constructor(executor) {
      if (typeof executor !== 'function') throw new TypeError(`Promise resolver ${executor} is not a function`)
      /** What subclasses and programs cannot replace. */
      const inner = { state: 'pending', value: undefined, reactions: [] }
      Object.defineProperty(this, 'inner', { value: inner })
      follow(this, inner, executor)
    }

    then(fulfilled, rejected) {
      const { inner } = /** @type {any} */ (this)
      return new SlowPromise((resolve, reject) => {
        const react = () =>
          timers.setTimeout(() => {
            const [handler, otherwise] = inner.state === 'fulfilled' ? [fulfilled, resolve] : [rejected, reject]
            if (typeof handler !== 'function') return otherwise(inner.value)
            let value
            try {
              value = handler(inner.value)
            } catch (error) {
              return reject(error)
            }
            resolve(value)
          }, 0)
        if (inner.state === 'pending') inner.reactions.push(react)
        else react()
      })
    }

    catch(rejected) {
      return this.then(undefined, rejected)
    }

    finally(listener) {
      if (typeof listener !== 'function') return this.then(listener, listener)
      const after = () => SlowPromise.resolve(listener())
      return this.then(
        (value) => after().then(() => value),
        (reason) =>
          after().then(() => {
            throw reason
          }),
      )
    }

    static resolve(value) {
      return value instanceof SlowPromise ? value : new SlowPromise((resolve) => resolve(value))
    }

    static reject(reason) {
      return new SlowPromise((resolve, reject) => reject(reason))
    }

    static all(values) {
      return new SlowPromise((resolve, reject) => {
        const given = Array.from(values)
        const results = []
        let missing = given.length
        if (missing === 0) resolve(results)
        given.forEach((value, place) =>
          SlowPromise.resolve(value).then((result) => {
            results[place] = result
            if (--missing === 0) resolve(results)
          }, reject),
        )
      })
    }

    static race(values) {
      return new SlowPromise((resolve, reject) => {
        for (const value of values) SlowPromise.resolve(value).then(resolve, reject)
      })
    }
  }

  return /** @type {any} */ (SlowPromise)
}

/** Lets an executor or a thenable settle a promise; only the first call counts. */
function follow(promise, inner, executor) {
  let told = false
  const once = (act) => (value) => {
    if (told) return
    told = true
    act(value)
  }
  const settle = (state, value) => {
    Object.assign(inner, { state, value })
    inner.reactions.splice(0).forEach((react) => react())
  }
  const reject = (reason) => settle('rejected', reason)
  const resolve = (value) => {
    if (value === promise) return reject(new TypeError('Chaining cycle detected for promise'))
    try {
      const then = isObject(value) ? value.then : undefined
      if (typeof then === 'function') follow(promise, inner, then.bind(value))
      else settle('fulfilled', value)
    } catch (error) {
      reject(error)
    }
  }
  try {
    executor(once(resolve), once(reject))
  } catch (error) {
    once(reject)(error)
  }
}

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function')
}

module.exports = { createPromise }
