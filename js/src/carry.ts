import { copyOf } from './body'
import type { Kind } from './call'
import type { Settings } from './options'

/** Which option is the body, where a call has one. */
export const BODIES: { [kind in Kind]?: 'data' | 'formData' } = { request: 'data', uploadFile: 'formData' }

/** Puts a session id into the options for wx, where the server looks for it. */
export function carry(sent: any, kind: Kind, id: string, settings: Settings): void {
  const { sessionName, sessionPlace } = settings
  if (sessionPlace === 'header') {
    sent.header = withHeader(sent.header, sessionName, id)
    return
  }
  // The app may change its own before the call is sent again.
  sent.header = copyOf(sent.header)
  const field = BODIES[kind]
  if (sessionPlace === 'body' && field) {
    const body = sent[field]
    const form = body && typeof body.toJSON === 'function' ? body.toJSON() : body
    if (isObject(form)) {
      sent[field] = copyOf(form, { [sessionName]: id })
      return
    }
  }
  sent.url = withQuery(sent.url, sessionName, id)
}

/** Keeps the app's headers, except one with the session header's name (case-insensitive). */
function withHeader(given: any, name: string, id: string): object {
  const header = given ? copyOf(given) : {}
  for (const key of Object.keys(header)) {
    if (key.toLowerCase() === name.toLowerCase()) {
      delete header[key]
    }
  }
  header[name] = id
  return header
}

function withQuery(url: string, name: string, id: string): string {
  const [, path, query, fragment] = /^([^?#]*)\??([^#]*)([^]*)$/.exec(url) as string[]
  const pairs = (query as string).split('&').filter((pair) => pair && pair.split('=')[0] !== name)
  return path + '?' + pairs.concat(encodeURIComponent(name) + '=' + encodeURIComponent(id)).join('&') + fragment
}

/** Whether a body can take one more field. A missing body can. */
function isObject(body: unknown): boolean {
  return body === undefined || Object.prototype.toString.call(body) === '[object Object]'
}
