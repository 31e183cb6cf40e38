'use strict'

exports.Promise = Promise

/** In which order a reaction and two timers run. */
exports.order = () =>
  new Promise((resolve) => {
    const order = []
    setTimeout(() => order.push('timer before'), 0)
    Promise.resolve().then(() => order.push('reaction'))
    setTimeout(() => resolve(order.concat('timer after')), 0)
  })
