import type { SessionOptions } from '../index'
import { originOf } from './origin'
import { wrong } from './arguments'
import { nearest } from './nearest'

/** The options with all defaults filled in. */
export type Settings = Required<Omit<SessionOptions, Optional>> & Pick<SessionOptions, Optional>

type Optional = 'readSession' | 'refusal' | 'core'

/** The methods that every session needs. */
const METHODS = 'login, request, getStorageSync, setStorageSync, removeStorageSync'

type Check = [isRight: (value: any) => unknown, remedy: string, usual?: unknown]

const isUrl = (value: unknown) => originOf(value) && 'hH'.indexOf((value as string)[0] as string) >= 0
const isTime = (value: any) => Number.isInteger(value) && value > 0 && value < 2 ** 31
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const oneOf = (...values: unknown[]): Check => [(value) => values.indexOf(value) >= 0, values.join(' or '), values[0]]
const time = (usual: number): Check => [isTime, 'whole milliseconds', usual]
const text = (usual: string): Check => [isText, 'a string', usual]
const url: Check = [isUrl, 'an absolute URL']
const extra: Check = [(value) => Object(value) === value, 'an object or a function', {}]
const optional: Check = [(value) => value === undefined || typeof value === 'function', 'a function']

const CHECKS: { [Name in keyof SessionOptions]-?: Check } = {
  loginUrl: url,
  host: [
    (value) => METHODS.split(', ').every((name) => typeof Object(value)[name] === 'function'),
    'wx, tt or an object with their ' + METHODS,
  ],
  loginMethod: oneOf('POST', 'GET'),
  loginData: extra,
  loginHeader: extra,
  sessionName: [(value) => isText(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(value), 'a header name', 'sessionid'],
  sessionPlace: oneOf('header', 'query', 'body'),
  readSession: optional,
  refusal: optional,
  signIn: oneOf('silent', 'manual'),
  refusalCloseCode: [Number.isInteger, 'a number', 4401],
  baseUrl: [(value) => isUrl(value) && !/[?#]/.test(value), 'an absolute URL without a query'],
  origins: [(value) => Array.isArray(value) && value.every(originOf), 'an array of absolute URLs', []],
  logoutUrl: url,
  storageKey: text('wxsession'),
  core: optional,
  wasmPath: text('/miniprogram_npm/wxsession/wxsession.wasm.br'),
  loadTimeout: time(10000),
  loginTimeout: time(5000),
  loginDataTimeout: time(5000),
  exchangeTimeout: time(10000),
}

/** Checks the options and fills in the defaults. The error that it throws names the wrong option. */
export function checked(options: SessionOptions): Settings {
  const given: { [name: string]: unknown } = Object(options)
  if (options && given !== (options as object)) {
    throw wrong('createSession', 'must be called with an object')
  }
  for (const name of Object.keys(given)) {
    const names = Object.keys(CHECKS)
    if (names.indexOf(name) < 0) {
      const likely = nearest(name, names)
      throw wrong(name, 'unknown; ' + (likely ? 'did you mean ' + likely : 'there are ' + names.join(', ')))
    }
  }
  const settings: any = { host: typeof wx !== 'undefined' && wx }
  for (const name of Object.keys(CHECKS) as (keyof SessionOptions)[]) {
    const [isRight, remedy, usual = settings[name]] = CHECKS[name]
    const value = given[name] === undefined ? usual : given[name]
    // A default is right, except where there is none. Checking it would make each start slower.
    if ((value !== usual || !value) && !isRight(value)) {
      throw wrong(name, 'must be ' + remedy)
    }
    settings[name] = value
    if (name === 'loginUrl') {
      const path = value.split('#')[0].split('?')[0]
      const end = path.indexOf('/', 8)
      settings.baseUrl = end < 0 ? path : path.slice(0, end)
      settings.logoutUrl = (end < 0 ? path : path.slice(0, path.lastIndexOf('/'))) + '/logout'
    }
  }
  settings.origins = settings.origins.slice()
  settings.baseUrl = settings.baseUrl.replace(/\/+$/, '')
  return settings
}
