// The npm package beside other libraries: a picture and tables of `bench/client.json`.

import { around, fixed, limitOf, table, verdicts } from './table.mjs'

/**
 * @typedef {import('./table.mjs').Spread} Spread
 * @typedef {import('./words.mjs').Words} Words
 * @typedef {{ name: string, raw: number | null, brotli: number }} Part
 * @typedef {{ logins: number, exchanges: number, requests: number, answered: number, failed: number, lost: number }} Counts
 * @typedef {{
 *   library: string, version: string | null, note: string, raw: number | null, brotli: number, setUp: number | null,
 * }} Library
 * @typedef {{ engine: string, library: string, failure?: string | null, over: Spread | null }} Cost
 * @typedef {{
 *   library: string, kept: boolean, total: Spread, scripts: number | null, unpacking: number | null,
 *   compiling: number | null,
 * }} Start
 * @typedef {{
 *   libraries: Library[], files: Part[], module: Part[], script: Part[], cost: Cost[], start: Start[],
 *   storms: ({ library: string, scene: string } & Counts)[], budgets: import('./table.mjs').Budget[],
 * }} Figures What `bench/src/client/figures.rs` writes; null where a figure was not kept.
 */

const OURS = 'wxsession'

/** Each storm's name, and the fewest calls that it takes. */
/** @type {{[scene: string]: [title: string, least: Omit<Counts, 'failed' | 'lost'>]}} */
const STORMS = {
  cold: ['nobody signed in', { logins: 1, exchanges: 1, requests: 20, answered: 20 }],
  together: ['expired together', { logins: 1, exchanges: 1, requests: 40, answered: 20 }],
  staggered: ['expired, staggered', { logins: 1, exchanges: 1, requests: 40, answered: 20 }],
}

/**
 * @param {Figures} figures
 * @param {Words['client']} words
 */
function everything({ libraries, cost, storms, budgets }, words) {
  const [{ engine }] = cost
  return {
    title: words.title,
    panels: [
      {
        title: words.size,
        subtitle: words.sizeBudget(limitOf(budgets, 'size')),
        bars: libraries.map(({ library, brotli }) => bar(library, brotli)),
      },
      {
        title: words.cost,
        subtitle: words.costBudget(engine, fixed(limitOf(budgets, 'cost'), 1)),
        bars: cost
          .filter((each) => each.engine === engine && libraries.some(({ library }) => library === each.library))
          .flatMap(({ library, over }) => (over ? [bar(library, over.median, `${microseconds(over.median)} µs`)] : [])),
      },
      { title: words.signIns, subtitle: words.signInsOf, bars: signInBars(storms, words) },
    ],
  }
}

/**
 * The sign-ins alone, fewest first. Time is simulated, so the machine has no part in them.
 *
 * @param {Figures} figures
 * @param {Words['client']} words
 */
function signIns({ storms }, words) {
  const bars = signInBars(storms, words).sort((one, other) => one.value - other.value)
  return {
    title: words.signInsTitle,
    panels: [{ title: words.signIns, subtitle: words.signInsOf, bars, width: 260 }],
    footer: words.signInsFooter,
  }
}

/** What the pictures of the figures show, by their files' names. */
export const pictures = { client: everything, 'sign-ins': signIns }

/**
 * @param {Figures['storms']} storms
 * @param {Words['client']} words
 */
const signInBars = (storms, words) =>
  storms
    .filter(({ scene }) => scene === 'staggered')
    .map(({ library, logins, lost }) => bar(library, logins, lost ? words.lost(logins, lost) : undefined))

const bar = (/** @type {string} */ name, /** @type {number} */ value, label = String(value)) => ({
  name,
  value,
  label,
  isOurs: name === OURS,
})

/** @param {Figures} figures */
export const tables = (figures) => [sizes, parts, costs, starts, storms, notes].map((of) => of(figures)).join('\n')

/** @param {Figures} figures */
const sizes = ({ libraries, budgets }) =>
  table(
    'Bytes that a mini program downloads',
    ['library', 'raw', 'Brotli', 'own set-up'],
    libraries.map(({ library, version, raw, brotli, setUp }) => [
      `${library} ${version ?? ''}`.trimEnd(),
      fixed(raw),
      fixed(brotli),
      library === OURS ? '' : fixed(setUp),
    ]),
    verdicts(budgets, 'size'),
  )

/** @param {Figures} figures */
function parts({ files, module, script }) {
  const row = (/** @type {Part} */ { name, raw, brotli }, indent = '') => [indent + name, fixed(raw), fixed(brotli)]
  const rows = files.flatMap((file, place) => [
    row(file),
    ...[script, module][place].map((part) => row(part, '\u00a0\u00a0')),
  ])
  const note = 'Below a file, raw bytes are exact and the compressed ones are shared out in proportion to them.'
  return table(`What ${OURS} is made of`, ['part', 'raw', 'Brotli'], rows, [note])
}

/** @param {Pick<Figures, 'cost' | 'budgets'>} figures */
export function costs({ cost, budgets }) {
  const engines = [...new Set(cost.map(({ engine }) => engine))]
  const names = [...new Set(cost.map(({ library }) => library))]
  const cell = (/** @type {string} */ library, /** @type {string} */ engine) => {
    const of = cost.find((each) => each.library === library && each.engine === engine)
    if (!of) return '–'
    return of.over ? around(of.over, digits(of.over.median)) : 'does not run'
  }
  return table(
    'Microseconds that a request with a live session costs over wx.request',
    ['median (middle half) of runs', ...engines],
    names.map((library) => [library, ...engines.map((engine) => cell(library, engine))]),
    [
      ...verdicts(budgets, 'cost'),
      ...verdicts(budgets, 'cost ratio'),
      ...cost.flatMap(({ library, engine, failure }) =>
        failure ? [`${library} on ${engine}: ${failure.split('\n')[0]}`] : [],
      ),
    ],
  )
}

/** @param {number} value Of microseconds. */
const digits = (value) => (value < 10 ? 2 : 0)
const microseconds = (/** @type {number} */ value) => fixed(value, digits(value))

/** @param {Figures} figures */
const starts = ({ start, budgets }) =>
  table(
    'Milliseconds of a cold start on Node.js, until the first call with the session; wx answers at once',
    ['median of starts', 'signs in', 'session kept', 'scripts', 'unpacking', 'compiling'],
    [...new Set(start.map(({ library }) => library))].map((library) => {
      const of = (/** @type {boolean} */ kept) => start.find((each) => each.library === library && each.kept === kept)
      const [cold, kept] = [of(false), of(true)]
      return [
        library,
        fixed(cold?.total.median, 1),
        kept ? fixed(kept.total.median, 1) : 'not kept',
        ...[cold?.scripts, cold?.unpacking, cold?.compiling].map((value) => fixed(value, 1)),
      ]
    }),
    [...verdicts(budgets, 'start'), ...verdicts(budgets, 'start ratio')],
  )

/** @param {Figures} figures */
function storms({ libraries, storms }) {
  const scenes = Object.entries(STORMS)
  const counted = (/** @type {Omit<Counts, 'failed' | 'lost'> | undefined} */ counts) =>
    counts
      ? [counts.logins, counts.exchanges, counts.requests, counts.answered].map((count) => count ?? '–').join(' / ')
      : '–'
  const least = ['least possible', ...scenes.map(([, [, counts]]) => counted(counts))]
  const rows = libraries.map(({ library }) => [
    library,
    ...scenes.map(([scene]) => counted(storms.find((storm) => storm.library === library && storm.scene === scene))),
  ])
  const broken = storms
    .filter(({ failed, lost }) => failed + lost > 0)
    .map((storm) => `${storm.library}, ${storm.scene}: ${storm.failed} calls fail, ${storm.lost} are never settled`)
  return table(
    'Twenty calls at once: wx.login / exchanges / other requests / answers',
    ['library', ...scenes.map(([, [title]]) => title)],
    [least, ...rows],
    broken,
  )
}

/** @param {Figures} figures */
const notes = ({ libraries }) =>
  [
    '### How they are set up (bench/libraries/)',
    '',
    ...libraries.map(({ library, note }) => `- ${library}: ${note}`),
    '',
  ].join('\n')
