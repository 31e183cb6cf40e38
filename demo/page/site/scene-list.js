/* The buttons of the scenes, and on a phone the bar with the next one. */
import { GROUPS, SCENES } from './scenes.js'
import { word } from './words.js'

/** The scene whose button is the loud one. */
const LOUD = 'cold'

/** @param {{play(scene: string): void}} on */
export function listScenes(on) {
  const element = (id) => document.getElementById(id)

  /** Plays a scene, and where the chart is not beside the buttons, goes there. */
  function play(name) {
    on.play(name)
    if (matchMedia('(max-width: 760px)').matches) element('run-title').scrollIntoView({ block: 'start' })
  }

  /** @param {{name: string}} scene */
  function listed({ name }) {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.scene = name
    button.classList.toggle('loud', name === LOUD)
    button.innerHTML = `<strong data-word="scene.${name}"></strong>` + `<span data-word="scene.${name}.what"></span>`
    button.addEventListener('click', () => play(name))
    const item = document.createElement('li')
    item.append(button)
    return item
  }

  for (const [group, scenes] of Object.entries(GROUPS)) {
    const title = document.createElement('h3')
    title.id = `scenes-${group}`
    title.dataset.word = `scenes.${group}`
    const list = document.createElement('ol')
    list.setAttribute('aria-labelledby', title.id)
    list.append(...scenes.map(listed))
    element('scenes').append(title, list)
  }
  let next = after(-1)
  element('loud').addEventListener('click', () => play(LOUD))
  element('next').addEventListener('click', () => play(next))

  /** The scene after a place. The loud one has a button beside this one. @param {number} place */
  function after(place) {
    const scene = SCENES[(place + 1) % SCENES.length]
    return scene === LOUD ? after(SCENES.indexOf(LOUD)) : scene
  }

  return {
    /** @param {{playing?: string, waiting?: string, shown?: string}} now */
    show({ playing, waiting, shown }) {
      /** @type {NodeListOf<HTMLButtonElement>} */
      const buttons = document.querySelectorAll('#scenes button')
      for (const button of buttons) {
        const { scene } = button.dataset
        button.classList.toggle('playing', scene === playing)
        button.classList.toggle('waiting', scene === waiting)
        button.classList.toggle('shown', scene === shown)
      }
      const place = SCENES.indexOf(waiting || playing || shown)
      next = after(place)
      element('next').textContent = word('next', { scene: word(`scene.${next}`) })
    },
  }
}
