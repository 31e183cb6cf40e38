/**
 * Keeps a body as it is now; the app may change its own while the call waits, and before the call is sent again. The
 * function that is returned makes the body for wx, which serialises it as it would have serialised the original: as JSON, a
 * form, a query or bytes.
 *
 * A call that goes at once hands wx the app's own body, so keeping costs a shallow copy and, if there are objects inside, one
 * serialisation. The text of that is for a resend alone: wx has to get an object, because it makes a form or a query of
 * one, and the session may have its place in it.
 */
export function keep(body: any): () => any {
  if (!isObject(body)) {
    return () => body
  }
  const whole = wholeOf(body)
  if (whole) {
    return () => whole
  }
  const copy: any = Array.isArray(body) ? body.slice() : copyOf(body)
  const isOwnForm = typeof body.toJSON === 'function'
  let isDeep = isOwnForm
  for (const name in copy) {
    isDeep = isDeep || isObject(copy[name])
  }
  return isDeep ? keepDeep(body, copy, isOwnForm) : () => copy
}

/**
 * A copy of these properties, whatever their names. `Object.assign({}, …)` loses `__proto__`, and throws for `constructor`
 * where WeChat has made the language's prototypes read-only.
 */
export function copyOf(...given: any[]): any {
  return Object.setPrototypeOf(Object.assign(Object.create(null), ...given), Object.prototype)
}

function keepDeep(body: any, copy: any, isOwnForm: boolean): () => any {
  let text: string | undefined
  try {
    text = JSON.stringify(body)
  } catch (error) {
    // wx cannot serialise it either, and says so.
  }
  return () => {
    const whole = text && JSON.parse(text)
    text = undefined
    if (whole && isOwnForm) {
      serialiseAs(copy, whole)
    } else if (whole) {
      for (const name of Object.keys(copy).filter((name) => isObject(copy[name]))) {
        // A form has the JSON of an object, in quotes if it is that of a date.
        copy[name] = isObject(whole[name]) ? whole[name] : serialiseAs({}, whole[name])
      }
    }
    return copy
  }
}

/** Gives an object its own form in JSON. (JavaScriptCore does not see a `toJSON` that is hidden.) */
function serialiseAs(object: any, form: unknown): object {
  const toJSON = () => form
  return 'toJSON' in object ? Object.assign(object, { toJSON }) : Object.setPrototypeOf(object, { toJSON })
}

/** What is more than its properties: a copy of bytes or of a view of them, or a boxed value. Those of other realms are no instances. */
function wholeOf(body: any): unknown {
  if (ArrayBuffer.isView(body)) {
    return new (body.constructor as any)(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength))
  }
  const kind = Object.prototype.toString.call(body)
  return kind === '[object ArrayBuffer]' ? body.slice(0) : /g]|r]|Boo/.test(kind) && body
}

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
