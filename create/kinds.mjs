// The kinds of mini program that this sets up.

/**
 * @typedef {object} Kind
 * @property {string} name As `--kind` takes it.
 * @property {string} build Whose build the program has: that of WeChat's developer tools, or a framework's.
 * @property {string[]} server The file that names the server, and the text there that stands for it.
 * @property {string[]} appid The same for the appid.
 * @property {string[]} named The same for the name that the developer tools show.
 * @property {string} opened The folder to open in the developer tools, from the program's.
 * @property {string} page The file of its page, which calls the server.
 * @property {{ en: string, zh: string }} means
 */

const SERVER = 'http://127.0.0.1:8080'
const APPID = 'touristappid'

/** @type {Kind[]} */
export const KINDS = [
  {
    name: 'plain',
    build: 'wechat',
    server: ['config.js', SERVER],
    appid: ['project.config.json', APPID],
    named: ['project.config.json', 'wxsession-example'],
    opened: '.',
    page: 'pages/index/index.js',
    means: { en: 'JavaScript, as WeChat’s developer tools build it', zh: '原生 JavaScript，由微信开发者工具编译' },
  },
  {
    name: 'typescript',
    build: 'wechat',
    server: ['server.ts', SERVER],
    appid: ['project.config.json', APPID],
    named: ['project.config.json', 'wxsession-example-typescript'],
    opened: '.',
    page: 'pages/index/index.ts',
    means: { en: 'TypeScript, as WeChat’s developer tools build it', zh: '原生 TypeScript，由微信开发者工具编译' },
  },
  {
    name: 'taro',
    build: 'framework',
    server: ['.env', SERVER],
    appid: ['project.config.json', APPID],
    named: ['project.config.json', 'wxsession-example-taro'],
    opened: '.',
    page: 'src/pages/index/index.tsx',
    means: { en: 'Taro 4 with React', zh: 'Taro 4 + React' },
  },
  {
    name: 'uni-app',
    build: 'framework',
    server: ['.env', SERVER],
    appid: ['src/manifest.json', APPID],
    named: ['src/manifest.json', 'wxsession-example-uni-app'],
    opened: 'dist/build/mp-weixin',
    page: 'src/pages/index/index.vue',
    means: { en: 'uni-app with Vue 3', zh: 'uni-app + Vue 3' },
  },
  {
    name: 'weapp-vite',
    build: 'framework',
    server: ['.env', SERVER],
    appid: ['project.config.json', APPID],
    named: ['project.config.json', 'wxsession-example-weapp-vite'],
    opened: '.',
    page: 'src/pages/index/index.ts',
    means: { en: 'weapp-vite with TypeScript', zh: 'weapp-vite + TypeScript' },
  },
]

/** @param {string} name @returns {Kind} */
export const kindOf = (name) => /** @type {Kind} */ (KINDS.find((kind) => kind.name === name))
