import { headersOf, textOf } from './sent'
import { call, type Emit, UNREACHED } from './task'

/** `wx.uploadFile`, by the only interface of browsers that tells how far an upload is. */
export const uploadFile = (credentials?: RequestCredentials) => (options: any) =>
  call('uploadFile', 'ProgressUpdate', options, async (signal, emit) => {
    const { filePath, name, formData, fileName } = options
    const file: Blob = typeof filePath === 'string' ? await (await fetch(filePath, { signal })).blob() : filePath
    const form = new FormData()
    for (const field of Object.keys(Object(formData))) {
      form.append(field, textOf(formData[field]))
    }
    form.append(name, file, fileName || (file as any).name || name)
    return posted(options, form, credentials === 'include', signal, emit)
  })

function posted(
  { url, header }: any,
  form: FormData,
  withCredentials: boolean,
  signal: AbortSignal,
  emit: Emit,
): Promise<object> {
  return new Promise((resolve, reject) => {
    const carrier = new XMLHttpRequest()
    const headers = headersOf(header)
    // The browser's own names the boundary.
    headers.delete('content-type')
    carrier.open('POST', url)
    carrier.withCredentials = withCredentials
    headers.forEach((value, name) => carrier.setRequestHeader(name, value))
    carrier.upload.onprogress = ({ loaded, total }) =>
      emit('ProgressUpdate', {
        progress: Math.round((100 * loaded) / total),
        totalBytesSent: loaded,
        totalBytesExpectedToSend: total,
      })
    carrier.onload = () =>
      resolve({ data: carrier.responseText, statusCode: carrier.status, header: received(carrier) })
    carrier.onerror = carrier.onabort = () => reject(Error(UNREACHED))
    signal.addEventListener('abort', () => carrier.abort())
    carrier.send(form)
  })
}

/** The headers that a page may read. */
function received(carrier: XMLHttpRequest): object {
  const header: { [name: string]: string } = {}
  for (const line of carrier.getAllResponseHeaders().split('\r\n')) {
    const at = line.indexOf(': ')
    if (at > 0) {
      header[line.slice(0, at).toLowerCase()] = line.slice(at + 2)
    }
  }
  return header
}
