// What leaves the phone. Phones differ in how they escape a URL and serialise a body, and a proof is of the very bytes, so
// nothing of either is left to wx. The rules are those of wx.
import { copyOf } from '../src/body'

/** A call that wx sends as it is, and what a proof is about. */
export interface Outgoing {
  readonly sent: any
  /** In capitals. */
  readonly method: string
  /** The path, which is never empty, and the query. */
  readonly target: string
  /** The body's bytes, where they are known. */
  readonly body: ArrayLike<number> | undefined
}

export function outgoing(kind: string, call: any): Outgoing {
  const method = String((kind === 'request' ? call.method : kind === 'uploadFile' && 'POST') || 'GET').toUpperCase()
  const { data, formData, header, url } = call
  const { buffer = data, byteLength, byteOffset = 0 } = Object(data)
  const isBytes = byteLength >= 0 && buffer.slice
  const isQuery = /^G|^H/.test(method)
  const isForm = isQuery || /-type":"[^"]+form-u/i.test(JSON.stringify(header))
  const text = isBytes ? '' : typeof data === 'string' ? data : isForm ? formOf(Object(data)) : JSON.stringify(data)
  // The app may change its own before the call is sent again.
  const sent = copyOf(call, formData && { formData: copyOf(formData) })
  const [, origin, rest] = /^([^/]*\/\/[^/?#]*)\/?([^#]*)/.exec(url) as any
  let target = '/' + rest
  let body: ArrayLike<number> | undefined
  if (isQuery) {
    target += text && (/\?/.test(target) ? '&' : '?') + text
    sent.data = undefined
  } else if (/^P/i.test(call.method) && data !== undefined && data !== null) {
    sent.data = isBytes
      ? buffer.slice(byteOffset, byteOffset + byteLength)
      : // Half of a surrogate pair has no UTF-8: wx sends U+FFFD for it.
        text.replace(/[\ud800-\udfff]/gu, '\ufffd')
    body = isBytes ? new Uint8Array(sent.data) : bytes(sent.data)
  }
  // All that one phone or another would escape, and nothing twice.
  target = encodeURI(target)
    .replace(/%25(?=[\da-f]{2})/gi, '%')
    .replace(/['#]/g, escape)
  sent.url = origin + target
  return { sent, method, target, body }
}

/** The bytes of a text in UTF-8. Phones have no TextEncoder. */
export const bytes = (text: string): number[] =>
  [...unescape(encodeURIComponent(text))].map((character) => character.charCodeAt(0))

/** As wx makes a form or a query. */
const formOf = (data: any): string =>
  Object.keys(data)
    .map((name) =>
      [name, typeof data[name] === 'object' ? JSON.stringify(data[name]) : data[name]]
        .map(encodeURIComponent)
        .join('='),
    )
    .join('&')
