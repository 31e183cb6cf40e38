// Tests of the pictures and tables of the benches: `node --test bench/report/`.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { costs } from './client.mjs'
import { draw } from './draw.mjs'
import { pages } from './pages.mjs'
import { PUBLISHED, report } from './published.mjs'
import { table } from './table.mjs'

const GREY = '#8c959f'
const GREEN = '#1a7f37'

/** @param {number} value */
const bar = (value, isOurs = false) => ({ name: `worth ${value}`, value, label: String(value), isOurs })

/** @param {{ name: string, value: number, label: string, isOurs: boolean }[]} bars */
const drawn = (...bars) => draw('A picture', [{ title: 'A title', subtitle: 'a unit', bars }], 'Measured today')

/** The length of each bar of a colour. @param {string} svg @param {string} colour */
const lengths = (svg, colour) =>
  [...svg.matchAll(new RegExp(`<path d="M[\\d.]+,[\\d.]+h([\\d.]+)v[^"]*" fill="${colour}"`, 'g'))].map(([, length]) =>
    Number(length),
  )

test('the greatest value has the longest bar and the others are in proportion', async () => {
  const [half, whole] = lengths(await drawn(bar(50), bar(100)), GREY)
  assert.equal(half * 2, whole)
})

test('the smallest value is still seen', async () => {
  const [smallest] = lengths(await drawn(bar(0.001), bar(100)), GREY)
  assert.ok(smallest >= 1, String(smallest))
})

test('values of nothing draw no nonsense', async () => {
  assert.doesNotMatch(await drawn(bar(0)), /NaN|Infinity|undefined/)
})

test('ours stands out', async () => {
  const svg = await drawn(bar(1, true), bar(2))
  assert.equal(lengths(svg, GREEN).length, 1)
  assert.match(svg, /font-weight="bold"[^>]*>worth 1</)
})

test('words are no markup', async () => {
  const svg = await draw('a < b & c', [{ title: '<i>', subtitle: '&', bars: [bar(1)] }], '<b>')
  assert.match(svg, /<title>a &lt; b &amp; c</)
  assert.doesNotMatch(svg, /<[ib]>/)
})

test('cells stand below each other', () => {
  const rows = table(
    'A title',
    ['name', 'µs'],
    [
      ['a', '1'],
      ['long name', '–'],
    ],
  ).split('\n')
  assert.deepEqual(rows.slice(2, 6), [
    '| name      |  µs |',
    '| --------- | --: |',
    '| a         |   1 |',
    '| long name |   – |',
  ])
})

test('what does not run is said', () => {
  const failure = 'SyntaxError: Unexpected token\n at line 1'
  const text = costs({ cost: [{ engine: 'jsc', library: 'alova', over: null, failure }], budgets: [] })
  assert.match(text, /\| alova +\| does not run \|/)
  assert.match(text, /^- alova on jsc: SyntaxError: Unexpected token$/m)
})

test('a Chinese character takes more room than a Latin letter', async () => {
  const wide = (/** @type {string} */ name) => draw('', [{ title: '', subtitle: '', bars: [{ ...bar(1), name }] }], '')
  const [latin, chinese] = (await Promise.all(['abcd', '登录次数'].map(wide))).map((svg) =>
    Number(/ width="(\d+)"/.exec(svg)?.[1]),
  )
  assert.ok(chinese > latin, `${chinese} ≤ ${latin}`)
})

for (const subject of /** @type {const} */ (['client', 'server'])) {
  test(`the published pictures are made of the published figures: ${subject}`, async () => {
    const { pictures } = await report(subject, PUBLISHED)
    const command = `node bench/report/report.mjs ${subject}`
    for (const [file, picture] of Object.entries(pictures)) {
      assert.ok(readFileSync(join(PUBLISHED, file), 'utf8') === picture, `${file}: run \`${command}\``)
    }
  })
}

test('the pages repeat the published figures', () => {
  for (const { file, text } of pages()) {
    assert.ok(readFileSync(file, 'utf8') === text, `${file}: run \`node bench/report/report.mjs client\``)
  }
})

test('both READMEs say how often each library signs in', () => {
  const { storms } = JSON.parse(readFileSync(join(PUBLISHED, 'client.json'), 'utf8'))
  for (const file of ['README.md', 'README.zh-CN.md']) {
    const text = readFileSync(join(PUBLISHED, '..', file), 'utf8').replace(/\s+/g, ' ')
    for (const library of ['wxsession', 'luch-request', 'alova']) {
      const { logins } = storms.find((storm) => storm.library === library && storm.scene === 'staggered')
      assert.ok(text.includes(`${library} ${logins}`), `${file}: ${library} ${logins}`)
    }
  }
})
