import { type Secrets, without } from './error'
import { body } from './answer'

/** The names of values that an error never repeats. */
const SECRET = /token|openid|unionid|cookie|session|secret/i

/**
 * The texts in credentials that no error may repeat. What the server asks to have repeated is no secret, nor is the name of
 * a third party, which the address where its users agree repeats.
 */
export const secretsIn = (credentials: any): any[] =>
  Object.keys(credentials).map((name) => !/^(method|state|issuer)$/.test(name) && credentials[name])

/**
 * What the server said instead of a session: its document without secrets. `mayHold` if there may be a session in the
 * document, under any name: then only what reads like a message remains. What is left out joins the secrets. A state has to be
 * sent back as it came, and a reason of one word is one of the server's own.
 */
export function said(answer: any, mayHold: boolean, secrets: Secrets): unknown {
  try {
    const all = Object.assign({}, answer, { data: body(answer).valueOf() })
    return (
      JSON.parse(
        JSON.stringify(all, (name, value) => {
          const isText = typeof value === 'string'
          const isWord = isText && !/[^!-~]/.test(value)
          if (value === undefined || value === null || typeof value === 'object') {
            return value
          }
          if (SECRET.test(name) || (mayHold && isWord)) {
            secrets.push(value)
            return '***'
          }
          return isText && !(isWord && /state|reason/.test(name)) ? without(secrets, value).slice(0, 999) : value
        }),
      ).data || undefined
    )
  } catch (error) {
    // A value that JSON cannot hold, or a property that throws.
    return undefined
  }
}
