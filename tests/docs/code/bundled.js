/* The files of a guide as uni-app builds them: modules become CommonJS, libraries are bundled, and `uni` is `wx`. */
'use strict'

const path = require('path')
const esbuild = require('esbuild')
const { ROOT } = require('./page')

/** @param {{files: Map<string, string>}} guide */
async function bundled(guide) {
  const { forWechatAlone } = await import('../../../bench/scripts/for-wechat.mjs')
  const files = new Map()
  const ownFiles = [...guide.files.keys()].map((title) => `./${title.split('.js')[0]}`)
  for (const [name, contents] of guide.files) {
    const { outputFiles } = await esbuild.build({
      stdin: { contents, resolveDir: __dirname, sourcefile: name },
      bundle: true,
      write: false,
      format: 'cjs',
      target: 'es2017',
      logLevel: 'error',
      external: ['wxsession', ...ownFiles],
      define: { uni: 'wx' },
      alias: { vue: path.join(ROOT, 'bench/scripts/vue.js') },
      plugins: [forWechatAlone],
    })
    files.set(name, outputFiles[0].text)
  }
  return { files }
}

module.exports = { bundled }
