import type { Settings } from './options'

/** Puts a session id into what wx is about to be given, where the server looks for it. `field` has its body. */
export function carry(sent: any, field: 'data' | 'formData' | undefined, id: string, settings: Settings): void {
  const { sessionName, sessionPlace } = settings
  if (sessionPlace === 'header') {
    sent.header = withHeader(sent.header || {}, sessionName, id)
  } else if (sessionPlace === 'body' && field && isObject(sent[field])) {
    sent[field] = Object.assign({}, sent[field], { [sessionName]: id })
  } else {
    sent.url = withQuery(sent.url, sessionName, id)
  }
}

/** Nothing of the app's header is lost but what stands in the place of the session's, in whatever case. */
function withHeader(given: { [name: string]: unknown }, name: string, id: string): object {
  const header: { [name: string]: unknown } = {}
  for (const key of Object.keys(given)) {
    if (key.length !== name.length || key.toLowerCase() !== name.toLowerCase()) {
      header[key] = given[key]
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

/** Whether a body can take one field more; none at all can. */
function isObject(body: unknown): boolean {
  return body === undefined || Object.prototype.toString.call(body) === '[object Object]'
}
