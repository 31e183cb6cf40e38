/* Reads and taps a page without a screen. */
'use strict'

const { readFileSync } = require('fs')
const { join } = require('path')

/** What the examples show. */
const PRODUCTS = ['Longjing tea', 'Porcelain cup', 'Bamboo tray']
const SIGN_IN = '登录'
const SIGN_OUT = '退出登录'

/** All texts in the data of a page, which its template shows. */
function texts(value) {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(texts) : []
}

/** Taps a button in the page's own template. */
function tapInWxml({ page, root }, label) {
  const wxml = readFileSync(join(root, `${page.route}.wxml`), 'utf8')
  const [, attributes] = new RegExp(`<button([^>]*)>${label}</button>`).exec(wxml) || []
  const [, handler] = /\sbind:?tap="([^"]+)"/.exec(attributes) || []
  if (!handler) throw new Error(`${page.route}.wxml has no button ${label} that can be tapped: ${wxml}`)
  const [, place] = /^\{\{(\w+)\}\}$/.exec(handler) || []
  page[place ? page.data[place] : handler](tapOn({}))
}

/** Taps a button of a page whose data is a tree of nodes. */
function tapInTree({ page }, label) {
  const button = parentOf(page.data.root, label)
  if (!button) throw new Error(`${page.route} shows no button ${label}: ${texts(page.data)}`)
  page.eh(tapOn({ id: button.sid, dataset: { sid: button.sid } }))
}

function parentOf(node, text) {
  const children = node.cn || []
  if (children.some(({ v }) => v === text)) return node
  return children.map((child) => parentOf(child, text)).find(Boolean)
}

/** The event that wx gives a page for a tap. */
function tapOn(target) {
  return { type: 'tap', timeStamp: Date.now(), detail: {}, target, currentTarget: target, mark: {} }
}

module.exports = { PRODUCTS, SIGN_IN, SIGN_OUT, tapInTree, tapInWxml, texts }
