// Panels of bars side by side, as SVG, by Vega-Lite.

import { parse, textMetrics, View } from 'vega'
import { compile } from 'vega-lite'

/**
 * @typedef {{ name: string, value: number, label: string, isOurs: boolean }} Bar
 * @typedef {{ title: string, subtitle: string, bars: Bar[], width?: number }} Panel `width` of the longest bar in pixels.
 */

/** Each colour on a light page, and the one in its place on a dark page. */
const COLOURS = {
  background: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#f0f6fc'],
  note: ['#59636e', '#9198a1'],
  bar: ['#8c959f', '#656c76'],
  ours: ['#1a7f37', '#3fb950'],
}
const [BACKGROUND, TEXT, NOTE, BAR, OURS] = Object.values(COLOURS).map(([light]) => light)

/** Pixels. */
const PANEL_WIDTH = 110
const ROW_HEIGHT = 24

// Without a canvas Vega assumes that every letter is 0.8 em wide, which leaves wide gaps. A Chinese character is 1 em wide.
textMetrics.width = ({ fontSize = 11 }, text) =>
  [...String(text ?? '')].reduce((width, letter) => width + (letter > '\u2e7f' ? 1 : 0.62) * fontSize, 0)

/**
 * @param {string} title For screen readers.
 * @param {Panel[]} panels
 * @param {string} footer
 * @returns {Promise<string>}
 */
export async function draw(title, panels, footer) {
  const view = new View(parse(compile(specification(panels, footer)).spec), { renderer: 'none' })
  const svg = (await view.toSVG()).replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100))
  const [head] = svg.match(/<svg [^>]*/) ?? []
  return `${head} role="img">\n<title>${escaped(title)}</title>\n${darkStyle()}\n${svg.slice(head.length + 1)}\n`
}

/** @returns {any} A specification of Vega-Lite. */
function specification(panels, footer) {
  return {
    background: BACKGROUND,
    padding: 16,
    title: { text: footer, orient: 'bottom', offset: 14, fontSize: 11, fontWeight: 'normal', color: NOTE },
    hconcat: panels.map(panelSpecification),
    spacing: 28,
    config: {
      aria: false,
      font: "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      view: { stroke: null },
      title: { anchor: 'start', frame: 'bounds', color: TEXT, subtitleColor: NOTE, fontSize: 12, subtitleFontSize: 11 },
      axis: {
        domain: false,
        ticks: false,
        grid: false,
        title: null,
        labelColor: TEXT,
        labelFontSize: 12,
        labelPadding: 4,
        labelLimit: 200,
      },
    },
  }
}

/** @param {Panel} panel */
function panelSpecification({ title, subtitle, bars, width = PANEL_WIDTH }) {
  const ours = bars.filter((bar) => bar.isOurs).map((bar) => bar.name)
  const isOurs = `indexof(${JSON.stringify(ours)}, datum.label) >= 0`
  const greatest = Math.max(...bars.map((bar) => bar.value), Number.MIN_VALUE)
  const bold = { condition: { test: isOurs, value: 'bold' }, value: 'normal' }
  return {
    title: { text: title, subtitle },
    width,
    height: { step: ROW_HEIGHT },
    // Even the smallest value gets a visible bar.
    data: { values: bars.map((bar) => ({ ...bar, length: Math.max(bar.value, greatest / 100) })) },
    encoding: {
      x: { field: 'length', type: 'quantitative', axis: null, scale: { domain: [0, greatest] } },
      y: { field: 'name', type: 'nominal', sort: null, axis: { labelFontWeight: bold } },
    },
    layer: [
      {
        mark: { type: 'bar', height: 12 },
        encoding: { color: { condition: { test: 'datum.isOurs', value: OURS }, value: BAR } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, color: NOTE },
        encoding: { text: { field: 'label' } },
      },
    ],
  }
}

/** Vega writes one colour into each element; a style sheet has the last word. */
function darkStyle() {
  const rules = Object.values(COLOURS).flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((property) => `[${property}="${light}"]{${property}:${dark}}`),
  )
  return `<style>@media(prefers-color-scheme:dark){${rules.join('')}}</style>`
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
