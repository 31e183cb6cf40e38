/* The examples, and what sets their frameworks apart for whoever looks at what they built. */
'use strict'

const { tapInTree, tapInWxml } = require('./screen')

/**
 * @typedef {object} App
 * @property {string} name Its folder in `examples`.
 * @property {string} output Where its build leaves the mini program.
 * @property {string} wasm Where in it the WebAssembly file belongs.
 * @property {(screen: {page: object, root: string}, label: string) => void} tap Taps the button that says this.
 */

/** @type {App[]} */
module.exports = [
  // It draws every page with one template, from a tree of nodes.
  { name: 'taro', output: 'dist', wasm: 'wxsession.wasm.br', tap: tapInTree },
  { name: 'uni-app', output: 'dist/build/mp-weixin', wasm: 'wxsession.wasm.br', tap: tapInWxml },
  // It builds npm packages as WeChat's developer tools do.
  { name: 'weapp-vite', output: 'dist', wasm: 'miniprogram_npm/wxsession/wxsession.wasm.br', tap: tapInWxml },
]
