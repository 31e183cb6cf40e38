// A plugin for esbuild that does for WeChat what uni-app's compiler does with a library's conditional comments.

import { readFileSync } from 'node:fs'

/** @type {import('esbuild').Plugin} */
export const forWechatAlone = {
  name: 'for-wechat-alone',
  setup({ onLoad }) {
    onLoad({ filter: /luch-request.*\.js$/ }, ({ path }) => ({ contents: compiledFor('MP-WEIXIN', path) }))
  },
}

/** Keeps the lines between `// #ifdef A || B` or `// #ifndef A` and `// #endif` if the condition holds. */
function compiledFor(platform, path) {
  const conditions = []
  const kept = (line) => {
    const [, word, names] = /^\s*\/\/ #(ifdef|ifndef|endif)\s*(.*)$/.exec(line) || []
    if (word === 'endif') conditions.pop()
    else if (word) conditions.push(names.split(/\s*\|\|\s*/).some(covers) === (word === 'ifdef'))
    return conditions.every(Boolean)
  }
  const covers = (name) => name.trim() === platform || platform.startsWith(`${name.trim()}-`)
  return readFileSync(path, 'utf8').split('\n').filter(kept).join('\n')
}
