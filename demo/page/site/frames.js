/* When the page is drawn: at once for the visitor, and calmly for what happens by itself where they ask for less motion. */

/** Milliseconds between two drawings of what happens by itself, where the visitor asks for less motion. */
const CALM = 250

/**
 * @param {object} page
 * @param {() => void} page.show Draws it.
 * @param {() => boolean} page.isPlaying Whether time passes in the picture.
 */
export function createFrames({ show, isPlaying }) {
  const lessMotion = matchMedia('(prefers-reduced-motion: reduce)')
  /** Nothing is drawn before all parts exist. */
  let hasBegun = false
  let isRequested = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let tick

  /** Draws in the next frame. */
  function draw() {
    if (!hasBegun || isRequested) return
    isRequested = true
    requestAnimationFrame(() => {
      isRequested = false
      clearTimeout(tick)
      tick = undefined
      show()
      // The running bars grow.
      if (isPlaying()) drawCalmly()
    })
  }

  /** Draws what happens by itself: smoothly, or now and then for visitors who ask for less motion. */
  function drawCalmly() {
    if (lessMotion.matches) tick ??= setTimeout(draw, CALM)
    else draw()
  }

  return {
    draw,
    drawCalmly,
    isCalm: () => lessMotion.matches,
    begin() {
      hasBegun = true
    },
  }
}
