// Phones have neither of these. The glue makes one of each when it is loaded, and uses no more of them than this.

/** UTF-8 from strings. */
export class TextEncoder {
  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number } {
    let written = 0
    for (const character of text) {
      // Half of a surrogate pair has no UTF-8.
      const safe = /^[\uD800-\uDFFF]$/.test(character) ? '\uFFFD' : character
      for (const byte of unescape(encodeURIComponent(safe))) {
        bytes[written++] = byte.charCodeAt(0)
      }
    }
    return { read: text.length, written }
  }
}

/** Strings from UTF-8. The core writes nothing else. */
export class TextDecoder {
  decode(bytes = new Uint8Array(0)): string {
    let units = ''
    // An engine takes only so many arguments.
    for (let at = 0; at < bytes.length; at += 4096) {
      units += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[])
    }
    return decodeURIComponent(escape(units))
  }
}
