/*
 * The client that races beside ours, on a phone of its own: the code that our documents migrate from, or another library
 * with the set-up that the bench measures.
 */
'use strict'

/** A call is lost if it has no answer after so many glances in a row at which nothing was on its way. */
const GLANCES = 30
/** Milliseconds between two glances, and until all is lost. */
const GLANCE = 100
const PATIENCE = 20000

/** The names of the clients, and of their set-ups in the mini program. */
const RIVALS = ['hand-written', 'alova', 'luch-request']

/**
 * @param {object} given
 * @param {any} given.phone A simulated phone, whose program has not started yet.
 * @param {any} given.probe Watches the program.
 * @param {any} given.backend The rival's half of the world.
 * @param {string} given.name Who races.
 */
function createRival({ phone, probe, backend, name }) {
  probe.watchWx(phone.wx)
  const { setUp } = phone.require(`/libraries/${name}`)
  const request = probe.watchedRequest(setUp({ loginUrl: `${backend.api}/wx/onlogin` }).request)
  let calls = 0

  /** The call's name is in its query, because not every set-up takes headers. */
  function call() {
    return new Promise((resolve) => request(`${backend.api}/wx/products/list?call=R${++calls}`, resolve, resolve))
  }

  return {
    backend,
    /** Makes this many calls at once. Resolves once all have ended, or are lost. */
    async openShop(number) {
      let isOver = false
      Promise.all(Array.from({ length: number }, call)).then(() => {
        isOver = true
      })
      const deadline = performance.now() + PATIENCE
      for (let idle = 0; !isOver && idle < GLANCES && performance.now() < deadline; ) {
        await new Promise((resolve) => setTimeout(resolve, GLANCE))
        idle = probe.isWaiting() ? 0 : idle + 1
      }
      if (!isOver) probe.ended('failed', 'no answer')
    },
    close() {
      probe.ended('aborted', 'program ended')
      phone.stop()
    },
  }
}

module.exports = { RIVALS, createRival }
