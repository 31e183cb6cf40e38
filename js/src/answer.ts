// What an answer of wx says. Anything may be in it, so everything is looked at before it is used.

/** The status of an answer, or NaN. */
export function statusOf(answer: any): number {
  try {
    return number(Object(answer).statusCode)
  } catch (error) {
    return NaN
  }
}

/** A header among those of an answer; names compare without case, and a missing one is empty. */
export function header(given: unknown, name: string): string {
  const headers = Object(given)
  const key = Object.keys(headers).find((key) => key.toLowerCase() === name)
  return key === undefined ? '' : text(headers[key])
}

/** The problem that an answer names, in its challenge or, where there is none, in its body; else empty. */
export function problem(answer: any): string {
  try {
    const challenge = /WxSession\s+error="?(\w+)/i.exec(header(Object(answer).header, 'www-authenticate'))
    return (challenge && challenge[1]) || text(body(answer).code)
  } catch (error) {
    return ''
  }
}

/** The body of an answer as an object. An upload's is always text. */
export function body(answer: any): any {
  let { data } = Object(answer)
  try {
    data = JSON.parse(data)
  } catch (error) {
    // It was none, or wx has parsed it already.
  }
  return Object(data)
}

/** A string; what is none is empty. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A number, or NaN: also what only looks like one could throw when it is converted. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : NaN
}
