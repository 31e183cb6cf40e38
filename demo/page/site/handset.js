/* The phone's screen. */
import { hasWord, word } from './words.js'

const KEYS = ['launch', 'list', 'upload']

/** @param {{order(name: string): void}} on */
export function createHandset(on) {
  const screen = document.getElementById('screen')
  const keys = document.getElementById('keys')
  /** @type {{name: string, products?: object[], code?: string}} */
  let shown = { name: 'start' }
  let written = ''
  const buttons = [...KEYS, 'sign'].map((name) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.order = name
    button.addEventListener('click', () => on.order(button.dataset.order))
    keys.append(button)
    return button
  })

  return {
    show(what) {
      shown = what
    },
    update({ state, isPlaying }) {
      buttons.at(-1).dataset.order = state === 'signed-in' || state === 'signing-in' ? 'signOut' : 'signIn'
      for (const button of buttons) {
        button.textContent = word(`order.${button.dataset.order}`)
        button.setAttribute('aria-disabled', String(isPlaying))
      }
      const text = JSON.stringify([shown, word('screen.loading')])
      if (text === written) return
      written = text
      screen.replaceChildren(...content(shown, on))
      screen.dataset.screen = shown.name
    },
  }
}

/**
 * @param {{name: string, products?: object[], code?: string}} shown
 * @param {{order(name: string): void}} on
 */
function content({ name, products, code }, on) {
  if (name === 'list') return [list(products)]
  if (name === 'trouble') return trouble(code, on)
  return [paragraph(word(`screen.${name}`), name)]
}

function list(products) {
  const list = document.createElement('ul')
  for (const { id, name, price } of products) {
    const item = document.createElement('li')
    const title = hasWord(`product.${id}`) ? word(`product.${id}`) : name
    item.dataset.product = id
    item.append(span(title), span(`¥${(price / 100).toFixed(2)}`))
    list.append(item)
  }
  return list
}

function trouble(code, on) {
  const told = paragraph(word(hasWord(`trouble.${code}`) ? `trouble.${code}` : 'trouble.other'), 'trouble')
  const name = document.createElement('code')
  name.textContent = code
  const parts = [told, name]
  if (code === 'session_revoked' || code === 'session_replaced') {
    const again = document.createElement('button')
    again.type = 'button'
    again.className = 'again'
    again.textContent = word('screen.again')
    again.addEventListener('click', () => on.order('signIn'))
    parts.push(again)
  }
  return parts
}

function paragraph(text, kind) {
  const paragraph = document.createElement('p')
  paragraph.className = kind
  paragraph.textContent = text
  return paragraph
}

function span(text) {
  const span = document.createElement('span')
  span.textContent = text
  return span
}
