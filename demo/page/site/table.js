/* The calls of a run as a table, with the same content as the picture. */
import { duration, said, word } from './words.js'

const COLUMNS = ['at', 'lane', 'what', 'call', 'outcome', 'took']

export function createTable(place) {
  let written = ''

  return {
    show(run) {
      const steps = run ? [...run.steps.values()].sort((one, other) => one.at - other.at) : []
      const rows = steps.map((step) => [
        duration(Math.max(0, step.at - run.began)),
        word(`lane.${step.lane}`),
        said(step.what),
        (step.call || '').replace('call ', ''),
        step.end
          ? `${word(`outcome.${step.end.outcome}`)}${step.end.said ? ` · ${said(step.end.said)}` : ''}`
          : word('outcome.running'),
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
