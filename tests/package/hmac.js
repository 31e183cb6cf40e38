/* HMAC-SHA256 as the standards write it, because not every engine has a `crypto`. It shares nothing with the package. */
'use strict'

const ROUNDS =
  `428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be 550c7dc3
  72be5d74 80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da 983e5152
  a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb
  81c2c92e 92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070 19a4c116 1e376c08 2748774c
  34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3 748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2`
    .split(/\s+/)
    .map((word) => parseInt(word, 16))
const START = '6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19'

const right = (word, bits) => (word >>> bits) | (word << (32 - bits))

/** @param {ArrayLike<number>} message @returns {number[]} */
function sha256(message) {
  const bytes = Array.from(message).concat(128)
  while (bytes.length % 64 !== 56) bytes.push(0)
  for (let place = 7; place >= 0; place--) bytes.push(Math.floor((message.length * 8) / 256 ** place) % 256)
  const state = START.split(' ').map((word) => parseInt(word, 16))
  for (let block = 0; block < bytes.length; block += 64) {
    const words = []
    for (let at = block; at < block + 64; at += 4) words.push(wordAt(bytes, at))
    for (let t = 16; t < 64; t++) {
      const [a, b] = [words[t - 15], words[t - 2]]
      const one = right(a, 7) ^ right(a, 18) ^ (a >>> 3)
      const two = right(b, 17) ^ right(b, 19) ^ (b >>> 10)
      words.push((words[t - 16] + one + words[t - 7] + two) | 0)
    }
    let [a, b, c, d, e, f, g, h] = state
    for (let t = 0; t < 64; t++) {
      const one = h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[t] + words[t]
      const two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
      ;[a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g]
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, place) => {
      state[place] = (state[place] + word) | 0
    })
  }
  return [].concat(...state.map((word) => [24, 16, 8, 0].map((bits) => (word >>> bits) & 255)))
}

function wordAt(bytes, at) {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** @param {number[]} key @param {ArrayLike<number>} message @returns {number[]} */
function hmac(key, message) {
  const padded = key.concat(Array(64 - key.length).fill(0))
  const keyed = (byte, rest) => sha256(padded.map((given) => given ^ byte).concat(Array.from(rest)))
  return keyed(0x5c, keyed(0x36, message))
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** @param {number[]} bytes @returns {string} */
function base64(bytes) {
  const bits = bytes.map((byte) => (byte + 256).toString(2).slice(1)).join('')
  const digits = bits.match(/.{1,6}/g).map((six) => DIGITS[parseInt((six + '00000').slice(0, 6), 2)])
  return digits.join('') + '='.repeat((4 - (digits.length % 4)) % 4)
}

/** @param {string} text In base64 or base64url. @returns {number[]} */
function fromBase64(text) {
  const digits = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=/g, '').split('')
  const bits = digits.map((digit) => (DIGITS.indexOf(digit) + 64).toString(2).slice(1)).join('')
  return bits.match(/.{8}/g).map((byte) => parseInt(byte, 2))
}

module.exports = { base64, fromBase64, hmac, sha256 }
