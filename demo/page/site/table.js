/* The calls of a run as a table, with the same content as the picture. */
import { duration, outcomeOf, said, word } from './words.js'

const COLUMNS = ['at', 'lane', 'what', 'call', 'outcome', 'took']

export function createTable(place) {
  let written = ''

  return {
    show(run) {
      const all = run ? [...run.steps.values(), ...(run.rival?.steps.values() || [])] : []
      const steps = all.sort((one, other) => one.at - other.at)
      const rows = steps.map((step) => [
        duration(Math.max(0, step.at - run.began)),
        step.rival ? `${word(`rival.${run.rival.name}`)}: ${word(laneOf(step))}` : word(laneOf(step)),
        said(step.what),
        (step.call || '').replace('call ', ''),
        step.end ? outcomeOf(step.end, ({ outcome, detail }) => `${outcome} · ${detail}`) : word('outcome.running'),
        step.end ? duration(step.end.took) : '',
      ])
      const text = JSON.stringify([word('column.at'), rows])
      // Written only when it changes, because a screen reader may be in the middle of it.
      if (text === written) return
      written = text
      const table = document.createElement('table')
      row(
        table.createTHead(),
        'th',
        COLUMNS.map((name) => word(`column.${name}`)),
      )
      const body = table.createTBody()
      rows.forEach((cells, index) => {
        row(body, 'td', cells).dataset.outcome = steps[index].end?.outcome || 'running'
      })
      place.replaceChildren(table)
    },
  }
}

const laneOf = ({ lane, rival }) => `lane.${rival && lane === 'wxsession' ? 'client' : lane}`

function row(section, kind, texts) {
  const line = section.insertRow()
  for (const text of texts) {
    const cell = document.createElement(kind)
    if (kind === 'th') cell.scope = 'col'
    cell.textContent = text
    line.append(cell)
  }
  return line
}
