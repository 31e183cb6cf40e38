import type { BrowserOptions } from '../../browser'
import { SessionError } from './index.js'

type Checks = { [name in keyof BrowserOptions]-?: [isRight: (value: any) => boolean, remedy: string] }

const isFunction = (value: unknown) => typeof value === 'function'

const CHECKS: Checks = {
  login: [isFunction, 'a function that gives a code'],
  storage: [(value) => isFunction(Object(value).getItem), 'localStorage or sessionStorage'],
  credentials: [(value) => /^(omit|same-origin|include)$/.test(value), 'omit, same-origin or include'],
  socketProtocols: [isFunction, 'a function that gives a list'],
}

/** Checks the options. The error that it throws names the wrong one. */
export function checked(options: BrowserOptions | undefined): BrowserOptions {
  const given: any = Object(options)
  for (const name of Object.keys(given)) {
    const [isRight, remedy] = CHECKS[name as keyof BrowserOptions] || [() => false, Object.keys(CHECKS).join(', ')]
    if (given[name] !== undefined && !isRight(given[name])) {
      throw Object.assign(new SessionError('invalid_option'), { message: `${name}: must be ${remedy}` })
    }
  }
  return given
}
