/* wx.downloadFile: the body of any answer, whatever its status, becomes a file on the phone. */
'use strict'

const { headersOf, pathOf, problemOf, withoutFragment } = require('./address')
const { joined } = require('./incoming')

/** @type {import('./transfer').Method} */
const downloadFile = {
  name: 'downloadFile',
  list: 'downloads',
  events: ['ProgressUpdate', 'HeadersReceived'],
  outgoing,
  noted: ({ filePath }) => ({ filePath }),
  headers: ({ header }) => ({ header }),
  chunk(transfer, { header, chunks }) {
    const written = chunks.reduce((length, chunk) => length + chunk.length, 0)
    const named = Object.keys(header).find((name) => name.toLowerCase() === 'content-length')
    const expected = named ? Number(header[named]) : written
    transfer.emit('ProgressUpdate', {
      progress: Math.round((100 * written) / expected),
      totalBytesWritten: written,
      totalBytesExpectedToWrite: expected,
    })
  },
  result({ filePath }, { statusCode, header, cookies, chunks }, { files, resultsCarryHeader }) {
    const place = typeof filePath === 'string' ? { filePath } : { tempFilePath: freePath(files) }
    files.set(place.filePath || place.tempFilePath, joined(chunks))
    const result = Object.assign(place, { statusCode, errMsg: 'downloadFile:ok' })
    return resultsCarryHeader ? Object.assign(result, { header, cookies }) : result
  },
}

/** @returns {import('./transfer').Sent} */
function outgoing(options, { app }) {
  const url = withoutFragment(String(options.url))
  return {
    problem: problemOf(options.url, 'http', app.domains),
    method: 'GET',
    url,
    path: pathOf(url),
    header: headersOf(options.header, app),
    bytes: new Uint8Array(0),
  }
}

function freePath(files) {
  let number = 1
  while (files.has(`wxfile://tmp_${number}`)) number++
  return `wxfile://tmp_${number}`
}

module.exports = { downloadFile }
