// Asks for what the command line left out, if a person is there. Otherwise the defaults hold.

import { createInterface } from 'node:readline'
import { KINDS } from './kinds.mjs'
import { CHECKS, DEFAULTS, Wrong } from './wanted.mjs'
import { question } from './words.mjs'

/**
 * @param {import('./wanted.mjs').Wanted} given
 * @param {{ isPerson: boolean, input: NodeJS.ReadableStream, output: NodeJS.WritableStream }} terminal
 * @returns {Promise<Complete>}
 *
 * @typedef {{ folder: string, kind: string, server: string, appid: string, language: 'en' | 'zh' }} Complete
 */
export async function asked({ language, folder, kind, server, appid }, { isPerson, input, output }) {
  const given = { folder, kind, server, appid }
  const answers = { ...DEFAULTS }
  const terminal = isPerson ? createInterface({ input, output }) : undefined
  // What is typed ahead is kept in this queue.
  const lines = terminal && terminal[Symbol.asyncIterator]()
  for (const name of /** @type {const} */ (['folder', 'kind', 'server', 'appid'])) {
    answers[name] = given[name] ?? (lines ? await answer(name) : DEFAULTS[name])
  }
  terminal?.close()
  return { ...answers, language }

  /** @param {keyof typeof DEFAULTS} name @returns {Promise<string>} */
  async function answer(name) {
    output.write(question(name, DEFAULTS[name], language))
    const { value: line, done } = await /** @type {AsyncIterator<string>} */ (lines).next()
    if (done)
      throw new Wrong({ en: 'nothing was written: the answers ended', zh: '输入已结束，没有写入任何文件' }, language)
    const typed = line.trim()
    const value = name === 'kind' ? kindBy(typed) : typed || DEFAULTS[name]
    const fault = name === 'folder' ? undefined : CHECKS[name](value)
    if (!fault) return value
    output.write(`${fault[language]}\n`)
    return answer(name)
  }
}

/** A kind by its number in the question, or by its name. @param {string} typed */
const kindBy = (typed) => (KINDS[Number(typed || 1) - 1] || { name: typed }).name
