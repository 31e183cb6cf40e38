/* The phone's screen. */
import { hasWord, word } from './words.js'

const KEYS = ['launch', 'list', 'upload']

/**
 * @typedef {{name: string, products?: object[], code?: string, account?: {user: string, guest: boolean, name?: string}}} Shown
 *
 * @param {{order(name: string): void}} on
 */
export function createHandset(on) {
  const screen = createScreen(document.getElementById('screen'), on)
  // Scenes alone use the second phone.
  const otherScreen = createScreen(document.getElementById('other-screen'))
  const keys = document.getElementById('keys')
  /** @type {Shown} */
  let shown = { name: 'start' }
  /** @type {Shown | null} */
  let shownOnOther = null
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
    /** Shows the second phone, or none. */
    showOther(what) {
      shownOnOther = what
    },
    update({ state, waiting }) {
      buttons.at(-1).dataset.order = state === 'signed-in' || state === 'signing-in' ? 'signOut' : 'signIn'
      for (const button of buttons) {
        button.textContent = word(`order.${button.dataset.order}`)
        button.classList.toggle('waiting', button.dataset.order === waiting)
      }
      screen.show(shown)
      document.getElementById('other').hidden = !shownOnOther
      if (shownOnOther) otherScreen.show(shownOnOther)
    },
  }
}

/**
 * @param {HTMLElement} place
 * @param {{order(name: string): void}} [on] Without it the screen has no buttons.
 */
function createScreen(place, on) {
  let written = ''
  return {
    /** @param {Shown} shown */
    show(shown) {
      const text = JSON.stringify([shown, word('screen.loading')])
      if (text === written) return
      written = text
      place.replaceChildren(...content(shown, on))
      place.dataset.screen = shown.name
    },
  }
}

/**
 * @param {Shown} shown
 * @param {{order(name: string): void}} [on]
 */
function content({ name, products, code, account }, on) {
  if (name === 'list') return [list(products)]
  if (name === 'trouble') return trouble(code, on)
  if (name === 'account') return signedIn(account)
  return [paragraph(word(`screen.${name}`), name)]
}

/** Who is signed in, and the user as the app's backend sees it. @param {Shown['account']} account */
function signedIn({ user, guest, name }) {
  const header = document.createElement('code')
  header.dataset.user = user
  header.textContent = `x-wx-user: ${user}`
  return [paragraph(guest ? word('screen.guest') : word('screen.account', { name }), 'account'), header]
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
  if (on && (code === 'session_revoked' || code === 'session_replaced')) {
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
