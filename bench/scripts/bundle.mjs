// Bundles each library with its set-up: `node bundle.mjs FOLDER NAME…`.
//
// Prints a line of JSON for each, with the bytes of the set-up, which an app has to write itself.

import { readFileSync } from 'node:fs'
import { build } from 'esbuild'

const [folder, ...names] = process.argv.slice(2)

// Keeps what uni-app's compiler keeps for WeChat in a library with conditional comments.
const forWechatAlone = {
  name: 'for-wechat-alone',
  setup({ onLoad }) {
    onLoad({ filter: /luch-request.*\.js$/ }, ({ path }) => ({ contents: compiledFor('MP-WEIXIN', path) }))
  },
}

for (const name of names) {
  const { metafile } = await build({
    entryPoints: [`bench/libraries/${name}.js`],
    outfile: `${folder}/${name}.js`,
    bundle: true,
    minify: true,
    format: 'cjs',
    target: 'es2017',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    nodePaths: ['bench/libraries/node_modules'],
    // Ours is loaded as it ships.
    external: ['wxsession'],
    // uni-app provides its own name for wx, and Vue, which alova's adapter refers to.
    define: { uni: 'wx' },
    alias: { vue: './bench/scripts/vue.js' },
    plugins: [forWechatAlone],
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  const ofSetUp = Object.keys(inputs).filter((path) => !path.includes('node_modules'))
  const setUp = ofSetUp.reduce((sum, path) => sum + inputs[path].bytesInOutput, 0)
  console.log(JSON.stringify({ library: name, setUp }))
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
