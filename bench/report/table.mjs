// Markdown tables whose columns line up in a terminal too.

/**
 * @param {string} title
 * @param {string[]} columns
 * @param {string[][]} rows The first cell of each is a name, the others are figures.
 * @param {string[]} [notes] Lines below the table.
 */
export function table(title, columns, rows, notes = []) {
  const widths = columns.map((column, place) => Math.max(3, ...[column, ...rows.map((row) => row[place])].map(width)))
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, place) => padded(cell, widths[place], place > 0)).join(' | ')} |`
  const rule = widths.map((width, place) => (place > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  const below = notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []
  return [`### ${title}`, '', ...[columns, rule, ...rows].map(line), ...below, ''].join('\n')
}

const width = (/** @type {string} */ cell) => [...cell].length

/** @param {string} cell @param {number} to @param {boolean} isFigure */
function padded(cell, to, isFigure) {
  const space = ' '.repeat(to - width(cell))
  return isFigure ? space + cell : cell + space
}

/** @param {number | null | undefined} value */
export const fixed = (value, digits = 0) => (value == null ? '–' : value.toFixed(digits))

/** The median, and the half of the measurements around it. @param {Spread | null | undefined} spread */
export const around = (spread, digits = 0) =>
  spread?.lower == null
    ? fixed(spread?.median, digits)
    : `${fixed(spread.median, digits)} (${fixed(spread.lower, digits)}–${fixed(spread.upper, digits)})`

/** The lines about a run's budgets of one kind. @param {Budget[]} budgets @param {string} kind */
export const verdicts = (budgets, kind) =>
  budgets.filter((budget) => budget.kind === kind).map(({ text, met }) => `${text}: ${met ? 'met' : 'NOT met'}`)

/** @param {Budget[]} budgets @param {string} kind */
export const limitOf = (budgets, kind) => budgets.find((budget) => budget.kind === kind)?.limit

/**
 * @typedef {{ median: number, lower: number | null, upper: number | null }} Spread
 * @typedef {{ kind: string, text: string, limit: number, met: boolean }} Budget
 */
