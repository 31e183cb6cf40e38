/* The counters of a run, beside the fewest calls that it takes. */
import { word } from './words.js'

const COUNTED = ['logins', 'exchanges', 'requests', 'refusals', 'answers']

export function createScoreboard() {
  const list = document.getElementById('counters')
  const cells = COUNTED.map((name) => {
    const cell = document.createElement('div')
    cell.innerHTML = '<dt></dt><dd><b></b> <small></small></dd>'
    cell.dataset.count = name
    list.append(cell)
    return {
      name,
      cell,
      term: cell.querySelector('dt'),
      value: cell.querySelector('b'),
      note: cell.querySelector('small'),
    }
  })

  return {
    show(counts, least, isOver) {
      for (const { name, cell, term, value, note } of cells) {
        const isRight = Boolean(least) && isOver && counts[name] === least[name]
        const text = String(counts ? counts[name] : 0)
        term.textContent = word(`count.${name}`)
        if (value.textContent !== text) value.textContent = text
        note.textContent = !least ? '' : isRight ? '✓' : word('count.expected', { least: least[name] })
        if (isRight) note.setAttribute('aria-label', word('count.least'))
        else note.removeAttribute('aria-label')
        note.setAttribute('role', isRight ? 'img' : 'none')
        cell.classList.toggle('right', isRight)
        cell.classList.toggle('wrong', Boolean(least) && isOver && !isRight)
      }
    },
  }
}
