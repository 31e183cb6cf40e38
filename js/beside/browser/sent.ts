// Makes of a call's options what a phone would send.

const FORM = /^application\/x-www-form-urlencoded/i

/** The headers as the browser takes them. One without a value is left out. */
export function headersOf(given: any): Headers {
  const headers = new Headers()
  for (const name of Object.keys(Object(given))) {
    if (given[name] !== undefined && given[name] !== null) {
      try {
        headers.set(name, given[name])
      } catch (error) {
        // Some browsers repeat the value, which may be a secret.
        throw Error('header ' + name + ': has characters that no header carries')
      }
    }
  }
  return headers
}

/** The data of a GET goes into the URL; otherwise it is a form if the content type says so, and JSON. Text and bytes go as they are. */
export function sent(options: any): { url: string; init: RequestInit } {
  const { header } = options
  const data = options.data === undefined || options.data === null ? '' : options.data
  const method = String(options.method || 'GET').toUpperCase()
  const headers = headersOf(header)
  const url = String(options.url).split('#')[0] as string
  if (method === 'GET' || method === 'HEAD') {
    const query = isBytes(data) ? '' : formOf(data)
    return { url: query ? url + (url.indexOf('?') < 0 ? '?' : '&') + query : url, init: { method, headers } }
  }
  const type = headers.get('content-type')
  if (!type) {
    headers.set('content-type', 'application/json')
  }
  const isWhole = isBytes(data) || typeof data === 'string'
  const body = isWhole ? data : FORM.test(type || '') ? formOf(data) : JSON.stringify(data)
  return { url, init: { method, headers, body } }
}

/** A value of a form as text. */
export const textOf = (value: unknown): string => (Object(value) === value ? JSON.stringify(value) : String(value))

function formOf(data: any): string {
  return typeof data === 'string'
    ? data
    : Object.keys(data)
        .map((name) => encodeURIComponent(name) + '=' + encodeURIComponent(textOf(data[name])))
        .join('&')
}

const isBytes = (data: any): boolean => data instanceof ArrayBuffer || ArrayBuffer.isView(data)
