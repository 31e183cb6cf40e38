import { defineConfig } from '@tarojs/cli'

export default defineConfig({
  projectName: 'wxsession-example-taro',
  date: '2026-11-22',
  framework: 'react',
  compiler: 'vite',
  designWidth: 750,
  deviceRatio: { 750: 1 },
  sourceRoot: 'src',
  outputRoot: process.env.TARO_ENV === 'h5' ? 'dist-h5' : 'dist',
  // Taro bundles the script of the package; its WebAssembly file has to be copied.
  copy: {
    patterns: [{ from: 'node_modules/wxsession/miniprogram/wxsession.wasm.br', to: 'dist/wxsession.wasm.br' }],
    options: {},
  },
})
