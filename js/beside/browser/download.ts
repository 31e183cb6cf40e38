import { fetched } from './fetched'
import { call } from './task'

/** `wx.downloadFile`: the file is an object URL. An answer that is no success has no file, but its text. */
export const downloadFile = (credentials?: RequestCredentials) => (options: any) =>
  call('downloadFile', 'ProgressUpdate', options, async (signal, emit) => {
    const { answer, pieces } = await fetched(
      Object.assign({}, options, { method: 'GET', data: '' }),
      credentials,
      signal,
      emit,
    )
    const { statusCode, header } = answer
    const parts: Uint8Array[] = []
    let written = 0
    await pieces((piece) => {
      parts.push(piece)
      written += piece.length
      // The length of a compressed answer is that before it is unpacked.
      const expected = Math.max(written, Number(header['content-length']) || 0)
      emit('ProgressUpdate', {
        progress: Math.round((100 * written) / expected),
        totalBytesWritten: written,
        totalBytesExpectedToWrite: expected,
      })
    })
    const file = new Blob(parts as any, { type: header['content-type'] || '' })
    const isDone = statusCode >= 200 && statusCode < 300
    return Object.assign(
      isDone ? { tempFilePath: URL.createObjectURL(file) } : { data: await new Response(file).text() },
      answer,
    )
  })
