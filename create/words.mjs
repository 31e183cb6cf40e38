// What the command says, in English and in Chinese.

import { KINDS, kindOf } from './kinds.mjs'
import { DEFAULTS } from './wanted.mjs'

/** @typedef {'en' | 'zh'} Language */

export const seeHelp = { en: 'See --help.', zh: '用法见 --help。' }

/** @param {'folder' | 'kind' | 'server' | 'appid'} name @param {string} usual @param {Language} language */
export function question(name, usual, language) {
  const kinds = KINDS.map(({ name, means }, index) => `  ${index + 1} ${name.padEnd(11)}${means[language]}`).join('\n')
  const texts = {
    folder: { en: 'Folder', zh: '文件夹' },
    kind: { en: `Kind of program:\n${kinds}\nNumber`, zh: `小程序类型：\n${kinds}\n编号` },
    server: { en: 'Your server (the default is the example backend)', zh: '服务器地址（默认是示例后端）' },
    appid: { en: 'AppID (the default works without one)', zh: 'AppID（没有就用默认值）' },
  }
  return `${texts[name][language]} [${name === 'kind' ? 1 : usual}]: `
}

/** @param {Language} language */
export function help(language) {
  const kinds = KINDS.map(({ name, means }) => `    ${name.padEnd(14)}${means[language]}`).join('\n')
  const texts = {
    en: `create-wxsession [FOLDER] [OPTIONS]: sets up a WeChat mini program that signs its users in

  -k, --kind KIND        what to set up (${DEFAULTS.kind})
${kinds}
  -s, --server URL       your server (${DEFAULTS.server}, the example backend)
  -a, --appid APPID      the program's AppID (${DEFAULTS.appid}: without one)
  -l, --language en|zh   what this command speaks
  -h, --help             this text

What is left out is asked for at a terminal; without one the defaults in brackets hold.`,
    zh: `create-wxsession [文件夹] [选项]：新建一个带登录的微信小程序

  -k, --kind 类型        小程序类型（${DEFAULTS.kind}）
${kinds}
  -s, --server URL       服务器地址（${DEFAULTS.server}，示例后端）
  -a, --appid APPID      小程序的 AppID（${DEFAULTS.appid}：没有 AppID）
  -l, --language en|zh   提示语言
  -h, --help             显示本说明

没写的选项会在终端里询问；不在终端里运行时用括号里的默认值。`,
  }
  return texts[language]
}

/** What is left to do once the program is written. @param {import('./asking.mjs').Complete} wanted */
export function remaining({ folder, kind, server, appid, language }) {
  const { build, opened } = kindOf(kind)
  const top = opened === '.' ? folder : `${folder}/${opened}`
  const isVisitor = appid === DEFAULTS.appid
  const steps = [
    ...(build === 'framework' ? [FRAMEWORK(folder)] : []),
    {
      en: `In WeChat's developer tools: 导入项目 (import), folder ${top}${isVisitor ? ', AppID 测试号' : ''}`,
      zh: `微信开发者工具：导入项目，目录选 ${top}${isVisitor ? '，AppID 选测试号' : ''}`,
    },
    server === DEFAULTS.server ? EXAMPLE_BACKEND : OWN_SERVER(server),
  ]
  const head = { en: `${folder} is ready. What remains:`, zh: `${folder} 已建好，还剩：` }
  return [head, ...steps].map((texts, index) => (index ? `  ${index}. ` : '') + texts[language]).join('\n')
}

const FRAMEWORK = (/** @type {string} */ folder) => ({
  en: `In a terminal: cd ${folder} && npm install && npm run build`,
  zh: `终端里运行：cd ${folder} && npm install && npm run build`,
})

const EXAMPLE_BACKEND = {
  en: 'Start the example backend, in the source of wxsession: cargo run -p wxsession-service --example shop',
  zh: '启动示例后端，在 wxsession 源码目录里运行：cargo run -p wxsession-service --example shop',
}

const OWN_SERVER = (/** @type {string} */ server) => ({
  en: `On mp.weixin.qq.com, 开发管理 → 服务器域名: add ${server} to the request domains (https only)`,
  zh: `在 mp.weixin.qq.com 的「开发管理 → 服务器域名」里，把 ${server} 加到 request 合法域名（只能是 https）`,
})
