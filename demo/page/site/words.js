/* The words of the page in the chosen language, and the elements that show them. */
import en from './words/en.js'
import zh from './words/zh.js'

const LANGUAGES = {
  en: { words: en, tag: 'en', hasSingular: true },
  zh: { words: zh, tag: 'zh-CN', hasSingular: false },
}
const KEPT = 'language'

let chosen = localStorage.getItem(KEPT) || (navigator.language.startsWith('zh') ? 'zh' : 'en')
if (!(chosen in LANGUAGES)) chosen = 'en'

/** The words of a name, with the names in braces replaced by values. */
export function word(name, values = {}) {
  const text = LANGUAGES[chosen].words[name]
  return text === undefined ? name : text.replace(/\{(\w+)\}/g, (braces, value) => values[value])
}

/** The words for a step, or the step's own text (a path, a status, a code). */
export function said(text) {
  const name = [`said.${text}`, `state.${text}`].find(hasWord)
  return name ? word(name) : text
}

/**
 * The words for an end. What is said besides is left out where it says the same.
 * @param {{outcome: string, said: string}} end
 * @param {(words: {outcome: string, detail: string}) => string} join
 */
export function outcomeOf(end, join) {
  const outcome = word(`outcome.${end.outcome}`)
  const detail = said(end.said)
  return detail && detail !== outcome ? join({ outcome, detail }) : outcome
}

/** The words for a number of things: `count.answers.one` or `count.answers`, with the number in them. */
export function counted(name, number) {
  const isOne = LANGUAGES[chosen].hasSingular && number === 1
  return word(isOne ? `${name}.one` : name, { number })
}

export function hasWord(name) {
  return name in en
}

export function changeLanguage() {
  chosen = chosen === 'en' ? 'zh' : 'en'
  localStorage.setItem(KEPT, chosen)
}

/** Milliseconds in a readable form. */
export function duration(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`
}

/** Writes the words of all marked elements. */
export function write() {
  document.documentElement.lang = LANGUAGES[chosen].tag
  const all = (marked) => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(marked))
  for (const element of all('[data-word]')) element.textContent = word(element.dataset.word)
  for (const element of all('[data-label]')) {
    element.setAttribute('aria-label', word(element.dataset.label))
  }
}
