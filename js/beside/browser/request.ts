import { fetched } from './fetched'
import { call } from './task'

/** `wx.request`: every status is a success. */
export const request = (credentials?: RequestCredentials) => (options: any) =>
  call('request', 'ChunkReceived', options, async (signal, emit) => {
    const { dataType = 'json', responseType, enableChunked } = options
    const { answer, pieces } = await fetched(options, credentials, signal, emit)
    const parts: Uint8Array[] = []
    await pieces((piece) => {
      if (enableChunked) {
        emit('ChunkReceived', { data: piece.slice().buffer })
      } else {
        parts.push(piece)
      }
    })
    const body = new Response(new Blob(parts as any))
    const data = responseType === 'arraybuffer' ? await body.arrayBuffer() : await body.text()
    return Object.assign({ data: dataType === 'json' ? parsed(data) : data }, answer)
  })

/** Text that is JSON as what it stands for, and all else as it is. */
function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : data
  } catch (error) {
    return data
  }
}
