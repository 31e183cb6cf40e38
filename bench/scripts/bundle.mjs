// Bundles each library with its set-up: `node bundle.mjs FOLDER NAME…`.
//
// Prints a line of JSON for each, with the bytes of the set-up, which an app has to write itself.

import { build } from 'esbuild'
import { forWechatAlone } from './for-wechat.mjs'

const [folder, ...names] = process.argv.slice(2)

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
    external: ['wxsession', 'wxsession/plain', 'wxsession/signed'],
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
