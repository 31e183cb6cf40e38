// The server beside other services: a picture and tables of `bench/server.json`.

import { around, fixed, limitOf, table, verdicts } from './table.mjs'

/**
 * @typedef {import('./table.mjs').Spread} Spread
 * @typedef {import('./words.mjs').Words} Words
 * @typedef {{ rate: Spread | null, p50: Spread | null, p99: Spread | null }} Latency
 * @typedef {{
 *   service: string, ratio: Spread | null, full: Latency, moderate: Latency, processor: Spread | null,
 *   redis: Spread | null, resident: number | null, verify?: Verify | null,
 * }} Validation
 * @typedef {{ rate: Spread, ratio: Spread, processor: Spread }} Verify
 * @typedef {{ status: number, milliseconds: number } | null} Reply Null where there was none in time.
 * @typedef {{
 *   service: string, hung: Reply, resumed: number | null, away?: Reply, restarted?: number | null, survived: boolean,
 * }} Outage
 * @typedef {{ store: string, users: number, rate: number | null, resident: number | null, elsewhere: number | null }} Million
 * @typedef {{
 *   signIns: number, renewals: number, ratio: Spread, idle: number, waiting: number, whileManyWait: number, failed: number,
 *   bytes: number,
 * }} Accounts
 * @typedef {{ service: string, rate: Spread, ratio: Spread, processor: Spread, unsigned: Spread }} Signed
 * @typedef {{
 *   connections: number, sessions: number, services: { name: string, isOurs: boolean, note: string }[],
 *   validations: Validation[], outages: Outage[], millions: Million[], accounts?: Accounts, signed?: Signed[],
 *   budgets: import('./table.mjs').Budget[],
 * }} Figures What `bench/src/server/figures.rs` writes; null where a figure was not kept.
 */

/**
 * @param {Figures} figures
 * @param {Words['server']} words
 */
function everything({ connections, services, validations, budgets }, words) {
  const bars = (
    /** @type {(of: Validation) => Spread | null} */ value,
    /** @type {(value: number) => string} */ label,
  ) =>
    validations.flatMap((of) => {
      const median = value(of)?.median
      const isOurs = services.some(({ name, isOurs }) => name === of.service && isOurs)
      return median == null ? [] : [{ name: of.service, value: median, label: label(median), isOurs }]
    })
  const slowest = Math.min(...validations.flatMap(({ moderate }) => moderate.rate?.median ?? []))
  return {
    title: words.title,
    panels: [
      {
        title: words.rate,
        subtitle: words.connections(connections),
        bars: bars(
          ({ full }) => full.rate,
          (rate) => `${fixed(rate / 1000, 1)} k`,
        ),
      },
      {
        title: words.processor,
        subtitle: words.processorBudget(limitOf(budgets, 'processor')),
        bars: bars(
          ({ processor }) => processor,
          (microseconds) => `${fixed(microseconds, 1)} µs`,
        ),
      },
      {
        title: words.latency,
        subtitle: words.latencyAt(fixed(slowest)),
        bars: bars(
          ({ moderate }) => moderate.p99,
          (milliseconds) => `${fixed(milliseconds, 2)} ms`,
        ),
      },
    ],
  }
}

/** What the picture of the figures shows, by its file's name. */
export const pictures = { server: everything }

/** @param {Figures} figures */
export const tables = (figures) =>
  [rates, verify, latencies, costs, signed, outages, millions, accounts, notes].map((of) => of(figures)).join('\n')

/** @param {Figures} figures */
const rates = ({ connections, sessions, validations, budgets }) =>
  table(
    `Requests with a live session: ${connections} connections, ${sessions} sessions in turn, at full load`,
    ['median (middle half) of runs', 'a second', 'times Express'],
    validations.map(({ service, full, ratio }) => [service, around(full.rate), around(ratio, 1)]),
    verdicts(budgets, 'ratio'),
  )

/** @param {Figures} figures */
const verify = ({ validations, budgets }) => {
  const rows = validations.flatMap(({ service, verify }) =>
    verify ? [[service, around(verify.rate), around(verify.ratio, 1), around(verify.processor, 1)]] : [],
  )
  return rows.length
    ? table(
        "Questions of proxies to /verify with a live session, beside Express's requests in the same round",
        ['median (middle half) of runs', 'a second', 'times Express', 'processor µs'],
        rows,
        verdicts(budgets, 'verify'),
      )
    : ''
}

/** @param {Figures} figures */
const latencies = ({ validations }) =>
  table(
    'Milliseconds to the answer: at full load, and at about the same moderate rate',
    ['median of runs', 'p50', 'p99', 'a second', 'p50', 'p99'],
    validations.map(({ service, full, moderate }) => [
      service,
      ...[full.p50, full.p99].map((spread) => fixed(spread?.median, 2)),
      fixed(moderate.rate?.median),
      ...[moderate.p50, moderate.p99].map((spread) => fixed(spread?.median, 2)),
    ]),
  )

/** @param {Figures} figures */
const costs = ({ validations, budgets }) =>
  table(
    'What a request takes: microseconds of processor time; and the memory of the process',
    ['median (middle half) of runs', 'service', 'Redis', 'MB resident'],
    validations.map(({ service, processor, redis, resident }) => [
      service,
      around(processor, 1),
      fixed(redis?.median, 1),
      megabytes(resident),
    ]),
    verdicts(budgets, 'processor'),
  )

/** @param {Figures} figures */
const signed = ({ signed }) =>
  signed
    ? table(
        'Signed requests (GET) beside unsigned ones at full load; microseconds of processor time',
        ['median (middle half) of runs', 'a second', 'times unsigned', 'signed', 'unsigned'],
        signed.map(({ service, rate, ratio, processor, unsigned }) => [
          service,
          around(rate),
          around(ratio, 2),
          around(processor, 1),
          around(unsigned, 1),
        ]),
      )
    : ''

/** @param {Figures} figures */
function outages({ outages, budgets }) {
  const replied = (/** @type {Reply | undefined} */ reply, /** @type {string} */ none) =>
    reply ? `${reply.status} in ${fixed(reply.milliseconds)} ms` : reply === null ? none : '–'
  const waited = (/** @type {number | null | undefined} */ milliseconds) =>
    milliseconds === null ? 'not in 10 s' : fixed(milliseconds)
  return table(
    'Redis in trouble: the slowest of 20 answers, and milliseconds to the first good answer afterwards',
    ['service', 'hangs', 'goes on', 'is gone', 'is back', 'process'],
    outages.map(({ service, hung, resumed, away, restarted, survived }) => [
      service,
      replied(hung, 'none in 10 s'),
      waited(resumed),
      replied(away, 'none in 2 s'),
      waited(restarted),
      survived ? 'lives' : 'ended',
    ]),
    verdicts(budgets, 'outage'),
  )
}

/** @param {Figures} figures */
const millions = ({ millions, budgets }) =>
  table(
    "A million users, each with a session issued by the server's library",
    ['store', 'sign-ins a second', 'MB resident', 'MB elsewhere', 'bytes a user'],
    millions.map(({ store, users, rate, resident, elsewhere }) => {
      const bytes = elsewhere ?? resident
      return [
        store,
        fixed(rate),
        megabytes(resident),
        megabytes(elsewhere),
        fixed(bytes == null ? null : bytes / users),
      ]
    }),
    verdicts(budgets, 'million'),
  )

/** @param {Figures} figures */
const accounts = ({ accounts, budgets }) =>
  accounts
    ? table(
        'Users with an account, on Redis: sign-ins, requests beside those of guests, and memory',
        [
          'by password',
          'renewals',
          "times a guest's rate",
          'p99 in ms',
          `p99 while ${accounts.waiting} wait`,
          'refused then',
          'bytes',
        ],
        [
          [
            fixed(accounts.signIns),
            fixed(accounts.renewals),
            around(accounts.ratio, 2),
            fixed(accounts.idle, 2),
            fixed(accounts.whileManyWait, 2),
            fixed(accounts.failed),
            fixed(accounts.bytes),
          ],
        ],
        verdicts(budgets, 'accounts'),
      )
    : ''

/** @param {Figures} figures */
const notes = ({ services }) =>
  ['### What they are (bench/services/)', '', ...services.map(({ name, note }) => `- ${name}: ${note}`), ''].join('\n')

const megabytes = (/** @type {number | null} */ bytes) => fixed(bytes == null ? null : bytes / 1e6)
