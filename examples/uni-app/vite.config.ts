import { readFileSync } from 'node:fs'
import uni from '@dcloudio/vite-plugin-uni'
import { defineConfig, type Plugin } from 'vite'

const wasm = new URL('node_modules/wxsession/miniprogram/wxsession.wasm.br', import.meta.url)

/** uni-app bundles the script of the package; its WebAssembly file has to be copied. */
const copyWasm: Plugin = {
  name: 'copy-wxsession-wasm',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'wxsession.wasm.br', source: readFileSync(wasm) })
  },
}

export default defineConfig({
  plugins: [uni(), process.env.UNI_PLATFORM !== 'h5' && copyWasm],
})
