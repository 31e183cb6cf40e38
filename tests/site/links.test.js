/* Every link and picture of the built site leads somewhere. */
'use strict'

const { posix } = require('path')
const { expect, test } = require('@playwright/test')
const { BASE, exists, pages, read } = require('./built')

/** The links and pictures of a page. */
const linksOf = (html) =>
  Array.from(html.matchAll(/ (?:href|src)="([^"]*)"/g), ([, link]) => link.replaceAll('&amp;', '&'))

/** The anchors that a page has. */
const anchorsOf = (html) => new Set(Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id))

/** The file that a link within the site leads to, and the anchor in it. */
function target(page, link) {
  const [path, anchor = ''] = link.split('#')
  const absolute =
    path === '' ? BASE + page : posix.resolve(`/${posix.dirname(BASE + page)}`, path) + (/\/$/.test(path) ? '/' : '')
  if (!absolute.startsWith(BASE)) return { file: undefined, anchor }
  const file = decodeURI(absolute.slice(BASE.length)).replace(/(^|\/)$/, '$1index.html')
  return { file, anchor: decodeURIComponent(anchor) }
}

test('no link leads nowhere', () => {
  const faults = []
  let number = 0
  for (const page of pages()) {
    for (const link of linksOf(read(page)).filter((link) => !/^[a-z]+:/.test(link))) {
      number++
      const { file, anchor } = target(page, link)
      if (!file || !exists(file)) faults.push(`${page}: ${link}`)
      else if (anchor && file.endsWith('.html') && !anchorsOf(read(file)).has(anchor)) faults.push(`${page}: ${link}`)
    }
  }
  expect(number).toBeGreaterThan(1000)
  expect(faults).toEqual([])
})

test('both first pages lead to the guide, and no link leaves the site for a file of the project', () => {
  for (const [page, guide] of [
    ['index.html', 'js/docs/guide.html'],
    ['zh-CN/index.html', 'zh-CN/js/docs/guide.html'],
  ]) {
    expect(linksOf(read(page))).toContain(BASE + guide)
  }
  const outside = pages().flatMap((page) => linksOf(read(page)).filter((link) => /\.(rs|md|ts)(#|$)/.test(link)))
  expect(outside.filter((link) => !/^https?:/.test(link))).toEqual([])
})

test('programs find the list of all pages, and the Markdown that it names', () => {
  const named = Array.from(read('llms.txt').matchAll(/\]\(([^)]+)\)/g), ([, link]) => link)
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((file) => !exists(file))).toEqual([])
})
