/* The examples, and how the results of their frameworks differ. */
'use strict'

const { tapInTree, tapInWxml } = require('./screen')

/**
 * @typedef {object} App
 * @property {string} name The folder in `examples`.
 * @property {string} output The folder in which the build leaves the mini program.
 * @property {string} wasm The path of the WebAssembly file in the mini program.
 * @property {string} [pages] The folder in which the build for browsers leaves its pages, if the example has one.
 * @property {(screen: {page: object, root: string}, label: string) => void} tap Taps the button with this label.
 */

/** @type {App[]} */
module.exports = [
  // Taro draws every page with one template, from a tree of nodes.
  { name: 'taro', output: 'dist', pages: 'dist-h5', wasm: 'wxsession.wasm.br', tap: tapInTree },
  {
    name: 'uni-app',
    output: 'dist/build/mp-weixin',
    pages: 'dist/build/h5',
    wasm: 'wxsession.wasm.br',
    tap: tapInWxml,
  },
  // weapp-vite builds npm packages as WeChat's developer tools do.
  { name: 'weapp-vite', output: 'dist', wasm: 'miniprogram_npm/wxsession/wxsession.wasm.br', tap: tapInWxml },
]
