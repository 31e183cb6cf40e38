// Phones have neither TextEncoder nor TextDecoder. The glue speaks UTF-8 with these instead.

/** The UTF-8 of a string. */
export function encode(text: string): Uint8Array {
  // Half of a surrogate pair has no UTF-8.
  const units = unescape(encodeURIComponent(text.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')))
  return Uint8Array.from(units as any, (unit: string) => unit.charCodeAt(0))
}

/** The string of UTF-8. The core writes nothing else. */
export function decode(bytes: Uint8Array): string {
  let units = ''
  // An engine takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    units += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[])
  }
  return decodeURIComponent(escape(units))
}
