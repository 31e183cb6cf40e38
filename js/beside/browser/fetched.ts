import { sent } from './sent'
import { type Emit, UNREACHED } from './task'

/** An answer of which the body is still to come. */
interface Fetched {
  answer: { statusCode: number; header: { [name: string]: string }; cookies: string[] }
  /** Reads the body to its end, and tells of each piece. */
  pieces(hear: (piece: Uint8Array) => void): Promise<void>
}

/** Fetches what a call asks for, as far as the headers. */
export async function fetched(
  options: any,
  credentials: RequestCredentials = 'omit',
  signal: AbortSignal,
  emit: Emit,
): Promise<Fetched> {
  const { url, init } = sent(options)
  // A browser's cache does not know that answers differ by the session in a header of ours.
  const cache = options.enableCache ? 'default' : 'no-store'
  const response = await fetch(url, Object.assign(init, { credentials, signal, cache })).catch(() => {
    throw Error(UNREACHED)
  })
  const header: { [name: string]: string } = {}
  response.headers.forEach((value, name) => {
    header[name] = value
  })
  const answer = { statusCode: response.status, header, cookies: [] }
  emit('HeadersReceived', answer)
  return {
    answer,
    async pieces(hear) {
      // An answer such as 204 has no body.
      const reader = response.body && response.body.getReader()
      for (let piece; reader && (piece = (await reader.read()).value); ) {
        hear(piece)
      }
    },
  }
}
