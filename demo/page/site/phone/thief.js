/* The scene about a thief, who has a session id and a captured request, and not the key that signs. */
'use strict'

const { platform } = require('/simulator/phone/index')
const { createLine } = require('./line')

const HOUR = 3600 * 1000
const ORDER = { product: 1, pots: 1 }
const GREED = '{"product":1,"pots":99}'
/** Of that body: sha-256, in Base64. */
const DIGEST_OF_GREED = 'sha-256=:0sCdmHm91AWk1PinvU80L7/z0IrIUdkGvjbIpOCxsRw=:'

const bytesOf = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0))

module.exports = {
  thief: {
    async prepare(stage) {
      const line = createLine(platform.network, stage.backend.api)
      const owner = stage.holdSigning(stage.someone('li.na'), line)
      expect(await owner.openShop(1), undefined)
      return { line, owner, thief: createThief(stage.tell) }
    },
    async play({ line, owner, thief }, stage) {
      expect(await owner.openShop(1), undefined)
      expect(await owner.order(ORDER), undefined)
      const [list, order] = [line.last('GET'), line.last('POST')]
      const { sessionid } = list.header
      expect(await thief.sends('the id alone', Object.assign({}, list, { header: { sessionid } })), 'proof_missing')
      expect(await thief.sends('a captured order again', order), 'proof_replayed')
      const header = Object.assign({}, order.header)
      header[nameOf(header, 'content-digest')] = DIGEST_OF_GREED
      const changed = { header, bytes: bytesOf(GREED) }
      expect(await thief.sends('another body and its digest', Object.assign({}, order, changed)), 'proof_invalid')
      line.changeNext((request) => thief.changes(Object.assign({}, request, { bytes: bytesOf(GREED) })))
      expect(await owner.order(ORDER), 'body_altered')
      await stage.backend.anHourPasses()
      stage.conditions.clockAhead(HOUR)
      expect(await thief.sends('an hour later', list), 'proof_late')
      expect(await owner.openShop(1), undefined)
    },
  },
}

/** Sends requests without a phone. @param {(message: object) => void} tell */
function createThief(tell) {
  const now = () => performance.timeOrigin + performance.now()
  let steps = 0

  function begin(what) {
    const step = {
      id: `thief_${++steps}_${now()}`,
      lane: 'thief',
      what: `thief: ${what}`,
      call: `call T${steps}`,
      at: now(),
    }
    tell({ step })
    return (outcome, said) => tell({ step: Object.assign({ end: { took: now() - step.at, outcome, said } }, step) })
  }

  return {
    /** Resolves to the code of the refusal, or undefined. */
    async sends(what, { url, method, header, bytes }) {
      const end = begin(what)
      const named = Object.assign({}, header, { 'x-request-id': `call T${steps}` })
      const body = method === 'GET' ? undefined : bytes
      const response = await fetch(url, { method, headers: named, body })
      const { code } = Object(await response.json())
      end(response.ok ? 'ok' : 'refused', [response.status, code].filter(Boolean).join(' '))
      return code
    },
    /** Changes a request of the owner's on its way. */
    changes(request) {
      begin('the body changed on the way')('ok', '')
      return request
    },
  }
}

const nameOf = (header, name) => Object.keys(header).find((other) => other.toLowerCase() === name)

/** A scene that does not show what it says is a failure that the page tells. */
function expect(found, wanted) {
  if (found !== wanted) throw new Error(`${found} instead of ${wanted}`)
}
