/* UTF-8, because old engines and phones lack TextEncoder and TextDecoder. */
'use strict'

/** @param {string} text @returns {Uint8Array} */
function encode(text) {
  const binary = unescape(encodeURIComponent(wellFormed(text)))
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** Bytes that are not UTF-8 become U+FFFD, as in wx. @param {Uint8Array} bytes @returns {string} */
function decode(bytes) {
  let text = ''
  let index = 0
  while (index < bytes.length) {
    const length = sequenceLength(bytes, index)
    text += length ? String.fromCodePoint(codePoint(bytes, index, length)) : '\ufffd'
    index += length || 1
  }
  return text
}

/** The length of a text in bytes. */
function lengthOf(text) {
  let length = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // Each half of a surrogate pair counts for two of the pair's four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return length
}

function wellFormed(text) {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length === 2 ? found : '\ufffd',
  )
}

/** How many bytes the character at `index` takes, or 0 if there is none. */
function sequenceLength(bytes, index) {
  const first = bytes[index]
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || index + length > bytes.length) return 0
  for (let next = index + 1; next < index + length; next++) {
    if ((bytes[next] & 0xc0) !== 0x80) return 0
  }
  const point = codePoint(bytes, index, length)
  const shortest = [0, 0, 0x80, 0x800, 0x10000][length]
  const surrogate = point >= 0xd800 && point <= 0xdfff
  return point < shortest || point > 0x10ffff || surrogate ? 0 : length
}

function codePoint(bytes, index, length) {
  let point = length === 1 ? bytes[index] : bytes[index] & (0xff >> (length + 1))
  for (let next = index + 1; next < index + length; next++) point = (point << 6) | (bytes[next] & 0x3f)
  return point
}

module.exports = { decode, encode, lengthOf }
