// What an answer of wx.request says. Anything may be in it, so everything is looked at before it is used.

/** A header of an answer; names compare without case, and a missing one is empty. */
export function header(answer: any, name: string): string {
  const headers = Object(Object(answer).header)
  const key = Object.keys(headers).find((key) => key.toLowerCase() === name)
  return (key !== undefined && text(headers[key])) || ''
}

/** The problem that an answer names, in its challenge or, where there is none, in its body; else empty. */
export function problem(answer: any): string {
  const challenge = /WxSession\s+error="?(\w+)/i.exec(header(answer, 'www-authenticate'))
  return (challenge && challenge[1]) || text(body(answer).code) || ''
}

/** The body of an answer as an object. */
export function body(answer: any): any {
  return Object(Object(answer).data)
}

/** A string, or nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A number, or NaN: also what only looks like one could throw when it is converted. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : NaN
}
