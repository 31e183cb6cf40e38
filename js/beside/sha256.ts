// SHA-256 (FIPS 180-4) and HMAC (RFC 2104). Phones have no `crypto`.

const INITIAL: number[] = []
const ROUNDS: number[] = []
// The first bits of the fractions of the square and cube roots of primes. Spelled out they weigh more than all else here.
for (let prime = 2; ROUNDS.length < 64; prime++) {
  let divisor = 2
  while (prime % divisor) {
    divisor++
  }
  if (divisor === prime) {
    INITIAL.push((prime ** (1 / 2) * 2 ** 32) | 0)
    ROUNDS.push((prime ** (1 / 3) * 2 ** 32) | 0)
  }
}

const turned = (word: number, bits: number) => (word << -bits) | (word >>> bits)

/** For messages of less than 512 MB. */
export function sha256(message: ArrayLike<number>): Uint8Array {
  const { length } = message
  const padded = new Uint8Array((length + 72) & -64)
  padded.set(message)
  padded[length] = 128
  const view = new DataView(padded.buffer)
  view.setInt32(padded.length - 4, length * 8)
  const state = INITIAL.slice(0, 8)
  const words: number[] = []
  for (let start = 0; start < padded.length; start += 64) {
    let [a, b, c, d, e, f, g, h] = state as any
    for (let round = 0; round < 64; round++) {
      if (round < 16) {
        words[round] = view.getInt32(start + round * 4)
      } else {
        const early = words[round - 15] as number
        const late = words[round - 2] as number
        words[round] =
          ((words[round - 16] as number) +
            (turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)) +
            (words[round - 7] as number) +
            (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10))) |
          0
      }
      h +=
        (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
        (g ^ (e & (f ^ g))) +
        (ROUNDS[round] as number) +
        (words[round] as number)
      const next = h + (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & (b ^ c)) ^ (b & c))
      const last = (d + h) | 0
      h = g
      g = f
      f = e
      e = last
      d = c
      c = b
      b = a
      a = next | 0
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, place) => {
      state[place] = (state[place] + word) | 0
    })
  }
  state.forEach((word, place) => view.setInt32(place * 4, word))
  return padded.slice(0, 32)
}

/** For keys of at most 64 bytes. */
export function hmac(key: number[], message: number[]): Uint8Array {
  // There are as many rounds as a block has bytes.
  const keyed = (byte: number, rest: Iterable<number>) =>
    sha256([...ROUNDS.map((_, place) => byte ^ (key[place] as number)), ...rest])
  return keyed(0x5c, keyed(0x36, message))
}
