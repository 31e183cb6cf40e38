/* wx.uploadFile: a file on the phone as multipart/form-data. Every status is a success, and the answer is text. */
'use strict'

const { headersOf, pathOf, problemOf, withoutFragment } = require('./address')
const { badParameter, noSuchFile } = require('./failures')
const { joined } = require('./incoming')
const multipart = require('./multipart')
const utf8 = require('./utf8')

/** @type {import('./transfer').Method} */
const uploadFile = {
  name: 'uploadFile',
  list: 'uploads',
  events: ['ProgressUpdate', 'HeadersReceived'],
  outgoing,
  noted: ({ filePath, name, formData }) => ({ filePath, name, formData }),
  headers: ({ header }) => ({ header }),
  answered(transfer) {
    const { length } = transfer.sent.bytes
    transfer.emit('ProgressUpdate', { progress: 100, totalBytesSent: length, totalBytesExpectedToSend: length })
  },
  result(options, { statusCode, header, cookies, chunks }, { resultsCarryHeader }) {
    const result = { data: utf8.decode(joined(chunks)), statusCode, errMsg: 'uploadFile:ok' }
    return resultsCarryHeader ? Object.assign(result, { header, cookies }) : result
  },
}

/** @returns {import('./transfer').Sent} */
function outgoing(options, { app, files }) {
  const { filePath, name } = options
  const url = withoutFragment(String(options.url))
  const file = { name: String(name), filename: String(filePath).replace(/^.*\//, ''), bytes: files.get(filePath) }
  const { type, bytes } = multipart.encode(options.formData || {}, file.bytes ? [file] : [])
  return {
    problem:
      problemOf(options.url, 'http', app.domains) ||
      textProblem({ filePath, name }) ||
      (file.bytes ? undefined : noSuchFile(filePath)),
    method: 'POST',
    url,
    path: pathOf(url),
    header: Object.assign(headersOf(options.header, app, ['content-type']), { 'content-type': type }),
    bytes,
  }
}

function textProblem(parameters) {
  const wrong = Object.keys(parameters).find((name) => typeof parameters[name] !== 'string')
  return wrong && badParameter(wrong, 'String', parameters[wrong])
}

module.exports = { uploadFile }
