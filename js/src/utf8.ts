// UTF-8 for the glue, because phones have neither TextEncoder nor TextDecoder.

/** The UTF-8 of a string. */
export function encode(text: string): Uint8Array {
  // A lone surrogate has no UTF-8.
  const units = unescape(encodeURIComponent(text.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')))
  return Uint8Array.from(units as any, (unit: string) => unit.charCodeAt(0))
}

/** The string that UTF-8 encodes. The core writes only valid UTF-8. */
export function decode(bytes: Uint8Array): string {
  let units = ''
  // Engines limit the number of arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    units += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[])
  }
  return decodeURIComponent(escape(units))
}
