// Reads answers of wx. They may contain anything, so every value is checked before it is used.

/** The status of an answer, or NaN. */
export function statusOf(answer: any): number {
  try {
    return number(answer.statusCode)
  } catch (error) {
    return NaN
  }
}

/** A header of an answer, or empty if it is missing. Names are case-insensitive, and some hosts give lists or numbers. */
export function header(given: unknown, name: string): string {
  const headers = Object(given)
  const key = Object.keys(headers).find((key) => key.toLowerCase() === name)
  return [].concat(headers[key as string]).join()
}

/** The problem that an answer names in its challenge or, without a challenge, in its body; otherwise empty. */
export function problem(answer: any): string {
  try {
    const challenge = /WxSession\s+error="?(\w+)/i.exec(header(Object(answer).header, 'www-authenticate'))
    return (challenge && challenge[1]) || text(body(answer).code)
  } catch (error) {
    return ''
  }
}

/** The body of an answer as an object. wx leaves text to uploads, and bytes to those who ask for them. */
export function body(answer: any): any {
  let { data } = Object(answer)
  const given = read(data)
  // wx has mostly parsed it already.
  if (typeof given === 'string') {
    try {
      // PHP scripts that were saved with a byte order mark send one first. In bytes that were read it is three characters.
      data = JSON.parse(given.replace(/^(\uFEFF|\xEF\xBB\xBF)/, ''))
    } catch (error) {
      // It is no JSON.
    }
  }
  return Object(data)
}

/** Bytes of a body that are read. Sessions and problems are in short ones. */
const LONGEST = 1 << 20

/** A body as text. Of bytes only ASCII comes out right; sessions and problems are ASCII. */
export function read(data: any): string {
  return number(Object(data).byteLength) >= 0
    ? Array.from(new Uint8Array(data).subarray(0, LONGEST), (byte) => String.fromCharCode(byte)).join('')
    : data
}

/** The value if it is a string, otherwise an empty string. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The value if it is a number, otherwise NaN. Nothing is converted, because a conversion may throw. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : NaN
}
