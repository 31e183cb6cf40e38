/* The words of the page in the language that is chosen, and the elements that show them. */
import en from './words/en.js'
import zh from './words/zh.js'

const LANGUAGES = { en: { words: en, tag: 'en' }, zh: { words: zh, tag: 'zh-CN' } }
const KEPT = 'language'

let chosen = localStorage.getItem(KEPT) || (navigator.language.startsWith('zh') ? 'zh' : 'en')
if (!(chosen in LANGUAGES)) chosen = 'en'

/** What is said under a name, with what stands in braces filled in. */
export function word(name, values = {}) {
  const text = LANGUAGES[chosen].words[name]
  return text === undefined ? name : text.replace(/\{(\w+)\}/g, (braces, value) => values[value])
}

/** What a step is or says: in words where it has some, else as it is (a path, a status, a code). */
export function said(text) {
  const name = [`said.${text}`, `state.${text}`].find(hasWord)
  return name ? word(name) : text
}

export function hasWord(name) {
  return name in en
}

export function changeLanguage() {
  chosen = chosen === 'en' ? 'zh' : 'en'
  localStorage.setItem(KEPT, chosen)
}

/** Milliseconds, as people read them. */
export function duration(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`
}

/** Writes the words of everything that is marked. */
export function write() {
  document.documentElement.lang = LANGUAGES[chosen].tag
  const all = (marked) => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(marked))
  for (const element of all('[data-word]')) element.textContent = word(element.dataset.word)
  for (const element of all('[data-label]')) {
    element.setAttribute('aria-label', word(element.dataset.label))
  }
}
