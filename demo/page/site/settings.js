/* Language and colours: the browser's at first, then the visitor's last choice. */
import { word } from './words.js'

const KEPT = 'theme'

/** @param {{changed(): void, language(): void}} on */
export function createSettings(on) {
  const language = document.getElementById('language')
  const theme = document.getElementById('theme')
  const system = matchMedia('(prefers-color-scheme: dark)')
  const current = () => localStorage.getItem(KEPT) || (system.matches ? 'dark' : 'light')
  const other = () => (current() === 'dark' ? 'light' : 'dark')

  function show() {
    document.documentElement.dataset.theme = current()
    theme.textContent = word(`theme.${other()}`)
    theme.setAttribute('aria-label', word('theme.label', { theme: word(`theme.${other()}`) }))
    language.textContent = word('language')
    language.setAttribute('aria-label', word('language.label'))
    on.changed()
  }

  theme.addEventListener('click', () => {
    localStorage.setItem(KEPT, other())
    show()
  })
  language.addEventListener('click', () => {
    on.language()
    show()
  })
  system.addEventListener('change', show)
  show()
}
