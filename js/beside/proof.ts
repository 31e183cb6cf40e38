// The proof of one request: RFC 9421 with one fixed list of components, and RFC 9530 for the body.
import { copyOf } from '../src/body'
import { bytes, type Outgoing } from './outgoing'
import { hmac, sha256 } from './sha256'

const LETTERS = [...Array(26)].map((_, place) => (place + 10).toString(36)).join('')
const DIGITS = LETTERS.toUpperCase() + LETTERS + '0123456789+/'

/** Whether it is a key as a sign-in brings it: 32 bytes in base64url. */
export const isKey = (key: unknown): key is string => /^[\w-]{43}$/.test(key as string)

/** The next nonce. A nonce must be unique, not secret: a program that starts again begins with a later one. */
let nonce = Date.now()

/** The headers of a call, with those that prove a key. `now` is in milliseconds since 1970, by the server's clock. */
export function prove(key: string, { sent, method, target, body }: Outgoing, now: number): { [name: string]: string } {
  const headers = copyOf(sent.header)
  let lines = `"@method": ${method}\n"@path": ${target.replace(/\?|$/, '\n"@query": ?')}\n`
  if (body) {
    headers['Content-Digest'] = `sha-256=:${base64(sha256(body))}:`
    lines += `"content-digest": ${headers['Content-Digest']}\n`
  }
  const signed = `(${(lines.match(/^"[^"]+"/gm) as string[]).join(' ')});created=${Math.floor(now / 1000)};nonce="${(nonce++).toString(36)}"`
  headers['Signature-Input'] = 'wx=' + signed
  headers['Signature'] = `wx=:${base64(hmac(bytesOf(key), bytes(lines + '"@signature-params": ' + signed)))}:`
  return headers
}

/** 32 bytes in base64. */
const base64 = (bytes: ArrayLike<number>): string =>
  regrouped(bytes, 8, 6, 43)
    .map((value) => DIGITS[value & 63])
    .join('') + '='

/** The 32 bytes of a key. */
const bytesOf = (key: string): number[] =>
  regrouped(
    [...key].map((digit) => DIGITS.replace('+/', '-_').indexOf(digit)),
    6,
    8,
    32,
  )

/** The bits of values of so many bits each, regrouped as `count` values of `into` bits each, with others above them. */
const regrouped = (values: ArrayLike<any>, from: number, into: number, count: number): number[] =>
  [...Array(count)].map((_, place) => {
    const bit = place * into
    const at = (bit / from) | 0
    return ((values[at] << (2 * from)) | (values[at + 1] << from) | values[at + 2]) >> (3 * from - into - (bit % from))
  })
