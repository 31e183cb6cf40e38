import type { SessionOptions } from '../index'
import { SessionError } from './error'

/** The options with nothing left open. */
export type Settings = Required<Omit<SessionOptions, Optional>> & Pick<SessionOptions, Optional>

type Optional = 'readSession' | 'refusal'

type Check = [isRight: (value: any) => boolean, remedy: string]

// No more of an authority than the core trusts: no user, no escapes, no other scripts.
const isUrl = (value: unknown) => typeof value === 'string' && /^https?:\/\/[\w.:[\]-]+([/?#]|$)/i.test(value)
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const url: Check = [isUrl, 'an absolute URL']
const text: Check = [isText, 'a string']
const time: Check = [(value) => Number.isInteger(value) && value > 0 && value < 2 ** 31, 'whole milliseconds']
const optional: Check = [(value) => value === undefined || typeof value === 'function', 'a function']

const CHECKS: { [Name in keyof SessionOptions]-?: Check } = {
  loginUrl: url,
  loginMethod: [(value) => value === 'POST' || value === 'GET', "'POST' or 'GET'"],
  loginData: [(value) => Object(value) === value, 'an object or a function'],
  sessionName: [(value) => isText(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(value), 'a header name'],
  sessionPlace: [(value) => ['header', 'query', 'body'].indexOf(value) >= 0, "'header', 'query' or 'body'"],
  readSession: optional,
  refusal: optional,
  refusalCloseCode: [Number.isInteger, 'a number'],
  baseUrl: [(value) => isUrl(value) && !/[?#]/.test(value), 'an absolute URL without a query'],
  origins: [(value) => Array.isArray(value) && value.every(isOrigin), 'an array of absolute URLs'],
  logoutUrl: url,
  storageKey: text,
  wasmPath: text,
  loadTimeout: time,
  loginTimeout: time,
  loginDataTimeout: time,
  exchangeTimeout: time,
}

/** Checks the options and fills in what they leave open; throws an error that names the wrong one. */
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
    loginMethod: 'POST',
    loginData: {},
    sessionName: 'sessionid',
    sessionPlace: 'header',
    refusalCloseCode: 4401,
    baseUrl: path.replace(/^(\w+:\/\/[^/]*).*$/, '$1'),
    origins: [],
    logoutUrl: path.replace(/([^/])\/[^/]*$/, '$1') + '/logout',
    storageKey: 'wxsession',
    wasmPath: '/miniprogram_npm/wxsession/wxsession.wasm.br',
    loadTimeout: 10000,
    loginTimeout: 5000,
    loginDataTimeout: 5000,
    exchangeTimeout: 10000,
  }
  for (const name of Object.keys(CHECKS) as (keyof SessionOptions)[]) {
    if (given[name] !== undefined) {
      settings[name] = given[name]
    }
    const [isRight, remedy] = CHECKS[name]
    if (!isRight(settings[name])) {
      throw wrong(name, 'must be ' + remedy)
    }
  }
  settings.origins = settings.origins.slice()
  settings.baseUrl = settings.baseUrl.replace(/\/+$/, '')
  return settings
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && isUrl(value.replace(/^ws/i, 'http'))
}

function wrong(name: string, remedy: string): SessionError {
  return new SessionError('invalid_option', { message: name + ': ' + remedy })
}
