/* Plays the scenes one after another, until somebody touches the page. */
import { isRace, SCENES } from './scenes.js'

/** Milliseconds that a finished scene is left for reading, and that a step of a followed call is. */
const LOOK = 3000
const PACE = 300

/** @param {{play(scene: string): void, walk(pace: number): number, changed(): void}} on */
export function createTour(on) {
  let isOn = false
  let isTouched = false
  let place = 0
  let timer

  function go() {
    if (!isOn) return
    if (place < SCENES.length) on.play(SCENES[place++])
    else stop()
  }

  function stop() {
    if (!isOn) return
    isOn = false
    clearTimeout(timer)
    on.changed()
  }

  /** Whether the button of the tour is pressed, which decides for itself. */
  const isOfButton = ({ target, key = 'Enter' }) =>
    (key === 'Enter' || key === ' ') && Boolean(/** @type {Element} */ (target).closest?.('#tour'))

  // Before the button that is touched hears of it.
  for (const touch of ['pointerdown', 'keydown']) {
    document.addEventListener(
      touch,
      (event) => {
        isTouched = true
        if (!isOfButton(/** @type {any} */ (event))) stop()
      },
      { capture: true },
    )
  }

  function start() {
    isOn = true
    place = 0
    go()
    on.changed()
  }

  return {
    isOn: () => isOn,
    start,
    /** Starts unless somebody has touched the page. */
    startUntouched() {
      if (!isTouched) start()
    },
    stop,
    /** A scene is over. The way of one call through a race is shown before the next one. */
    over(scene) {
      clearTimeout(timer)
      if (!isOn) return
      const walked = isRace(scene) ? on.walk(PACE) : 0
      timer = setTimeout(go, Math.max(LOOK, walked + LOOK / 2))
    },
  }
}
