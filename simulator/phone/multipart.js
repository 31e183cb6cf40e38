/* multipart/form-data, RFC 7578: encodes fields and files as wx does, and decodes them for a test's backend. */
'use strict'

const { joined } = require('./incoming')
const { textOf } = require('./outgoing')
const utf8 = require('./utf8')

const LINE_END = '\r\n'

let boundaries = 0

/**
 * @typedef {{name: string, filename: string, bytes: Uint8Array}} FormFile
 *
 * @param {{[name: string]: unknown}} fields
 * @param {FormFile[]} files
 * @returns {{type: string, bytes: Uint8Array}} `type` for the Content-Type.
 */
function encode(fields, files) {
  const boundary = `----simulated-wx-${++boundaries}`
  const pieces = []
  const part = (disposition, more, bytes) => {
    const head = [`--${boundary}`, `Content-Disposition: form-data; ${disposition}`].concat(more, '', '')
    pieces.push(utf8.encode(head.join(LINE_END)), bytes, utf8.encode(LINE_END))
  }
  for (const name of Object.keys(fields)) part(`name="${quoted(name)}"`, [], utf8.encode(textOf(fields[name])))
  for (const { name, filename, bytes } of files) {
    const disposition = `name="${quoted(name)}"; filename="${quoted(filename)}"`
    part(disposition, ['Content-Type: application/octet-stream'], bytes)
  }
  pieces.push(utf8.encode(`--${boundary}--${LINE_END}`))
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: joined(pieces) }
}

/**
 * @param {string} type The Content-Type.
 * @param {Uint8Array} bytes
 * @returns {{fields: {[name: string]: string}, files: FormFile[]} | undefined} Undefined for any other type.
 */
function decode(type, bytes) {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(type || '')
  if (!boundary) return undefined
  const form = { fields: {}, files: [] }
  // One character a byte, so that an index into the text is an index into the bytes.
  const text = binary(bytes)
  const mark = `--${boundary[1]}`
  let at = text.indexOf(mark)
  for (let next = text.indexOf(mark, at + 1); next >= 0; next = text.indexOf(mark, at + 1)) {
    const bodyAt = text.indexOf(LINE_END + LINE_END, at) + 4
    const head = utf8.decode(bytes.slice(at, bodyAt))
    const body = bytes.slice(bodyAt, next - LINE_END.length)
    const name = parameter(head, 'name')
    const filename = parameter(head, 'filename')
    if (filename === undefined) form.fields[name] = utf8.decode(body)
    else form.files.push({ name, filename, bytes: body })
    at = next
  }
  return form
}

function parameter(head, name) {
  const found = new RegExp(`[; ]${name}="([^"]*)"`).exec(head)
  return found ? decodeURIComponent(found[1].replace(/%(?!22|0D|0A)/g, '%25')) : undefined
}

function quoted(text) {
  return text.replace(/["\r\n]/g, encodeURIComponent)
}

function binary(bytes) {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

module.exports = { decode, encode }
