import type { SessionOptions } from '../index'
import { SessionError } from './error'

/** The options with all defaults filled in. */
export type Settings = Required<Omit<SessionOptions, Optional>> & Pick<SessionOptions, Optional>

type Optional = 'readSession' | 'refusal'

/** The methods that every session needs. */
const METHODS = 'login, request, getStorageSync, setStorageSync, removeStorageSync'

type Check = [isRight: (value: any) => unknown, remedy: string, usual?: unknown]

// Accepts only authorities that the core trusts: no user, no escapes, ASCII only.
const URL = /^https?:\/\/(?:[\w.-]+|\[[\w:.]+\])(?::(\d*))?(?:[/?#]|$)/i
const isUrl = (value: unknown) => {
  const parts = typeof value === 'string' && URL.exec(value)
  return parts && Number(parts[1] || 0) < 65536
}
const isTime = (value: any) => Number.isInteger(value) && value > 0 && value < 2 ** 31
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const oneOf = (...values: unknown[]): Check => [(value) => values.indexOf(value) >= 0, values.join(' or '), values[0]]
const time = (usual: number): Check => [isTime, 'whole milliseconds', usual]
const text = (usual: string): Check => [isText, 'a string', usual]
const url: Check = [isUrl, 'an absolute URL']
const optional: Check = [(value) => value === undefined || typeof value === 'function', 'a function']

const CHECKS: { [Name in keyof SessionOptions]-?: Check } = {
  loginUrl: url,
  host: [
    (value) => METHODS.split(', ').every((name) => typeof Object(value)[name] === 'function'),
    'wx, tt or what has their ' + METHODS,
  ],
  loginMethod: oneOf('POST', 'GET'),
  loginData: [(value) => Object(value) === value, 'an object or a function', {}],
  sessionName: [(value) => isText(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(value), 'a header name', 'sessionid'],
  sessionPlace: oneOf('header', 'query', 'body'),
  readSession: optional,
  refusal: optional,
  refusalCloseCode: [Number.isInteger, 'a number', 4401],
  baseUrl: [(value) => isUrl(value) && !/[?#]/.test(value), 'an absolute URL without a query'],
  origins: [(value) => Array.isArray(value) && value.every(isOrigin), 'an array of absolute URLs', []],
  logoutUrl: url,
  storageKey: text('wxsession'),
  wasmPath: text('/miniprogram_npm/wxsession/wxsession.wasm.br'),
  loadTimeout: time(10000),
  loginTimeout: time(5000),
  loginDataTimeout: time(5000),
  exchangeTimeout: time(10000),
}

/** Checks the options and fills in the defaults. The error that it throws names the wrong option. */
export function checked(options: SessionOptions): Settings {
  const given: { [name: string]: unknown } = Object(options)
  for (const name of Object.keys(given)) {
    if (!CHECKS.hasOwnProperty(name)) {
      throw wrong(name, 'unknown; there are ' + Object.keys(CHECKS).join(', '))
    }
  }
  const loginUrl = given.loginUrl as string
  const path = isUrl(loginUrl) ? loginUrl.replace(/[?#].*$/, '') : ''
  const settings: any = {
    host: typeof wx !== 'undefined' && wx,
    baseUrl: path.replace(/^(\w+:\/\/[^/]*).*$/, '$1'),
    logoutUrl: path.replace(/([^/])\/[^/]*$/, '$1') + '/logout',
  }
  for (const name of Object.keys(CHECKS) as (keyof SessionOptions)[]) {
    const [isRight, remedy, usual = settings[name]] = CHECKS[name]
    const value = given[name] === undefined ? usual : given[name]
    if (!isRight(value)) {
      throw wrong(name, 'must be ' + remedy)
    }
    settings[name] = value
  }
  settings.origins = settings.origins.slice()
  settings.baseUrl = settings.baseUrl.replace(/\/+$/, '')
  return settings
}

function isOrigin(value: unknown): unknown {
  return typeof value === 'string' && isUrl(value.replace(/^ws/i, 'http'))
}

function wrong(name: string, remedy: string): SessionError {
  return new SessionError('invalid_option', { message: name + ': ' + remedy })
}
