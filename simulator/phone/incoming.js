/* Turns an answer into the result that `success` gets. */
'use strict'

const utf8 = require('./utf8')

/**
 * @param {{dataType?: string, responseType?: string, enableChunked?: boolean}} options
 * @param {{statusCode: number, header: object, cookies: string[], chunks: Uint8Array[]}} answer
 */
function resultOf(options, { statusCode, header, cookies, chunks }) {
  // onChunkReceived has delivered the chunks already.
  const bytes = options.enableChunked ? new Uint8Array(0) : joined(chunks)
  return { data: dataOf(options, bytes), statusCode, header, cookies, errMsg: 'request:ok' }
}

/**
 * @param {{dataType?: string, responseType?: string}} options
 * @param {Uint8Array} bytes
 */
function dataOf({ dataType, responseType }, bytes) {
  if (responseType === 'arraybuffer') return bytes.buffer
  const text = utf8.decode(bytes)
  if (dataType !== undefined && dataType !== 'json') return text
  try {
    return JSON.parse(text)
  } catch (notJson) {
    return text
  }
}

function joined(chunks) {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

module.exports = { joined, resultOf }
