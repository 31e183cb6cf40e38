/* The other client of a race: who it is, and how both ended. */
import { count, tookOf } from './runs.js'
import { RIVALS } from './scenes.js'
import { counted, duration, word } from './words.js'

const KEPT = 'rival'

/** @param {{chosen(): void}} on */
export function createRace(on) {
  const element = (id) => document.getElementById(id)
  let rival = localStorage.getItem(KEPT)
  if (!RIVALS.includes(rival)) rival = RIVALS[0]
  const buttons = RIVALS.map((name) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.rival = name
    button.addEventListener('click', () => {
      rival = name
      localStorage.setItem(KEPT, name)
      on.chosen()
    })
    element('rivals').append(button)
    return button
  })

  return {
    rival: () => rival,
    /** @param {import('./runs.js').Run | undefined} run */
    show(run) {
      const isRace = Boolean(run?.rival)
      document.body.classList.toggle('race', isRace)
      element('rival').hidden = !isRace
      for (const button of buttons) {
        button.textContent = word(`rival.${button.dataset.rival}`)
        button.setAttribute('aria-pressed', String(button.dataset.rival === (run?.rival?.name || rival)))
      }
      if (!isRace) return
      element('our-end').textContent = endOf(run)
      element('their-end').textContent = endOf(run.rival)
      element('their-end').classList.toggle('worse', count(run.rival).lost > 0)
    },
  }
}

/** How the calls of one client ended. @param {import('./runs.js').Run} run */
function endOf(run) {
  const { answers, lost, logins } = count(run)
  const took = tookOf(run)
  const parts = [counted('race.logins', logins)]
  parts.push(lost > 0 ? counted('race.lost', lost) : counted('race.answers', answers))
  if (took) parts.push(duration(took))
  return parts.join(' · ')
}
