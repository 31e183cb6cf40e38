/* The counters of a run, beside the fewest calls that it takes; in a race, with the other client's below. */
import { counted, word } from './words.js'

const COUNTED = ['logins', 'exchanges', 'requests', 'refusals', 'answers', 'lost']

/** Fewer is better, but for answers. */
const isWorse = (name, theirs, ours) => (name === 'answers' ? theirs < ours : theirs > ours)

/** @typedef {import('./scenes.js').Counts} Counts */

export function createScoreboard() {
  const list = document.getElementById('counters')
  const whose = document.getElementById('whose')
  const cells = COUNTED.map((name) => {
    const cell = document.createElement('div')
    cell.innerHTML = '<dt></dt><dd><b></b> <small></small></dd><dd class="theirs"><span></span> <i></i></dd>'
    cell.dataset.count = name
    list.append(cell)
    const [term, value, note, theirs] = ['dt', 'b', 'small', '.theirs'].map((part) => cell.querySelector(part))
    return { name, cell, term, value, note, theirs: /** @type {HTMLElement} */ (theirs) }
  })

  return {
    /**
     * @param {Counts | undefined} counts
     * @param {Counts | undefined} least
     * @param {boolean} isOver
     * @param {{name: string, counts: Counts} | undefined} rival
     */
    show(counts, least, isOver, rival) {
      whose.hidden = !rival
      whose.textContent = rival ? word('count.whose', { rival: word(`rival.${rival.name}`) }) : ''
      for (const { name, cell, term, value, note, theirs } of cells) {
        // Only in a race is every call expected to be answered.
        cell.hidden = name === 'lost' && !rival
        const isRight = Boolean(least) && isOver && counts[name] === least[name]
        const number = counts ? counts[name] : 0
        term.textContent = counted(`count.${name}`, number)
        if (value.textContent !== String(number)) value.textContent = String(number)
        note.textContent = noteOn(least?.[name], isOver, isRight)
        if (isRight) note.setAttribute('aria-label', word('count.least'))
        else note.removeAttribute('aria-label')
        note.setAttribute('role', isRight ? 'img' : 'none')
        cell.classList.toggle('right', isRight)
        cell.classList.toggle('wrong', Boolean(least) && isOver && !isRight)
        theirs.hidden = !rival
        if (!rival) continue
        const [who, theirNumber] = theirs.children
        who.textContent = word(`rival.${rival.name}`)
        theirNumber.textContent = String(rival.counts[name])
        theirs.classList.toggle('worse', isWorse(name, rival.counts[name], number))
      }
    },
  }
}

/** The least is what a run approaches, and what it is held to once it is over. */
function noteOn(least, isOver, isRight) {
  if (least === undefined) return ''
  if (isRight) return '✓'
  return word(isOver ? 'count.expected' : 'count.toward', { least })
}
