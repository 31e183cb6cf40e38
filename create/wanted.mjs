// What the command line asks for. A wrong value is named, with the remedy, before anything is written.

import { parseArgs } from 'node:util'
import { KINDS } from './kinds.mjs'

/**
 * @typedef {'en' | 'zh'} Language
 * @typedef {{ folder?: string, kind?: string, server?: string, appid?: string, language: Language, help?: boolean }} Wanted
 *   What is missing is asked for, or has a default.
 */

export const DEFAULTS = {
  folder: 'wxsession-program',
  kind: 'plain',
  /** Where `backend.mjs` listens, which is written into the program. */
  server: 'http://127.0.0.1:8080',
  /** WeChat's developer tools take it for a visitor who has no mini program. */
  appid: 'touristappid',
}

/** A wrong value, told in both languages. */
export class Wrong extends Error {
  /**
   * @param {{ en: string, zh: string }} texts @param {Language} [language] If it is known already.
   * @param {boolean} [isUse] Whether the command line was wrong.
   */
  constructor(texts, language, isUse) {
    super(texts.en)
    this.texts = texts
    this.language = language
    this.isUse = isUse
  }
}

/** What a value must be, by the option's name: returns what is wrong with it. */
export const CHECKS = {
  kind: (/** @type {string} */ value) =>
    KINDS.some(({ name }) => name === value)
      ? undefined
      : {
          en: `--kind: must be one of ${KINDS.map(({ name }) => name).join(', ')}, not ${value}`,
          zh: `--kind：只能是 ${KINDS.map(({ name }) => name).join('、')}，不能是 ${value}`,
        },
  server: (/** @type {string} */ value) =>
    /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](:\d{1,5})?$/i.test(value)
      ? undefined
      : {
          en: `--server: must be the scheme and host of your server, such as https://api.example.com, without a path; not ${value}`,
          zh: `--server：填服务器的协议和域名，例如 https://api.example.com，不带路径；不能是 ${value}`,
        },
  appid: (/** @type {string} */ value) =>
    /^wx[0-9a-f]{16}$/.test(value) || value === DEFAULTS.appid
      ? undefined
      : {
          en: `--appid: must be wx and 16 digits or letters a to f, as mp.weixin.qq.com shows it, or ${DEFAULTS.appid} without one; not ${value}`,
          zh: `--appid：填 mp.weixin.qq.com 上的 AppID，即 wx 加 16 位数字或 a 到 f；没有就用 ${DEFAULTS.appid}；不能是 ${value}`,
        },
  language: (/** @type {string} */ value) =>
    value === 'en' || value === 'zh'
      ? undefined
      : { en: `--language: must be en or zh, not ${value}`, zh: `--language：只能是 en 或 zh，不能是 ${value}` },
}

/** @param {string[]} words @param {Language} usual @returns {Wanted} */
export function wanted(words, usual) {
  const options = /** @type {const} */ ({
    kind: { type: 'string', short: 'k' },
    server: { type: 'string', short: 's' },
    appid: { type: 'string', short: 'a' },
    language: { type: 'string', short: 'l' },
    help: { type: 'boolean', short: 'h' },
  })
  let parsed
  try {
    parsed = parseArgs({ args: words, options, allowPositionals: true })
  } catch (error) {
    const { message } = /** @type {Error} */ (error)
    const told = message.split('. ')[0]
    throw new Wrong({ en: told, zh: told }, usual, true)
  }
  const { values, positionals } = parsed
  const { language: spoken = usual } = values
  const language = spoken === 'en' || spoken === 'zh' ? spoken : usual
  for (const name of /** @type {const} */ (['language', 'kind', 'server', 'appid'])) {
    const value = values[name]
    const fault = value !== undefined && CHECKS[name](value)
    if (fault) throw new Wrong(fault, language, true)
  }
  if (positionals.length > 1) {
    const extra = positionals.slice(1).join(' ')
    throw new Wrong(
      { en: `one folder is enough: leave out ${extra}`, zh: `只能有一个文件夹，去掉 ${extra}` },
      language,
      true,
    )
  }
  const { kind, server, appid, help } = values
  return { folder: positionals[0], kind, server, appid, language, help }
}
