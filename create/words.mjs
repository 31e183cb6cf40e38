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
    server: {
      en: 'Your server (the default is an example backend, written into the folder)',
      zh: '服务器地址（默认用文件夹里附带的示例后端）',
    },
    appid: { en: 'AppID (the default works with the example backend)', zh: 'AppID（没有就用默认值，配合示例后端）' },
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
  const { build, opened, page } = kindOf(kind)
  const top = opened === '.' ? folder : `${folder}/${opened}`
  const isVisitor = appid === DEFAULTS.appid
  const isOwn = server !== DEFAULTS.server
  const steps = [
    ...(isOwn ? [SERVER(server), PAGE(page)] : []),
    ...(build === 'framework' ? [FRAMEWORK(folder)] : []),
    ...(isOwn ? [] : [BACKEND(folder)]),
    IMPORT(top, isVisitor ? (isOwn ? OWN_APPID : VISITOR) : NOTHING),
    ...(isOwn ? [DOMAIN(server)] : []),
  ]
  const head = { en: `${folder} is ready. What remains:`, zh: `${folder} 已建好，还剩：` }
  return [head, ...steps].map((texts, index) => (index ? `  ${index}. ` : '') + texts[language]).join('\n')
}

/** As a shell takes it: on Windows and elsewhere. @param {string} path */
const quoted = (path) => (/^[\w./\\:-]+$/.test(path) ? path : `"${path}"`)

/** A line each, because Windows PowerShell knows no `&&`. @param {string[]} commands */
const lines = (...commands) => commands.map((command) => `\n       ${command}`).join('')

const FRAMEWORK = (/** @type {string} */ folder) => {
  const commands = lines(`cd ${quoted(folder)}`, 'npm install', 'npm run build', 'cd ..')
  return { en: `In a terminal, one after the other:${commands}`, zh: `在终端里依次运行：${commands}` }
}

const BACKEND = (/** @type {string} */ folder) => {
  const command = lines(`node ${quoted(`${folder}/backend.mjs`)}`)
  return {
    en: `Start the example backend, which takes every code, in another terminal:${command}`,
    zh: `另开一个终端，启动示例后端，它不连微信，什么 code 都接受：${command}`,
  }
}

const NOTHING = { en: '', zh: '' }
const VISITOR = { en: ', AppID 测试号', zh: '，AppID 选测试号' }
const OWN_APPID = {
  en: ', your own AppID: your server cannot exchange the codes of 测试号',
  zh: '，AppID 填你自己的：测试号的 code 在你的服务器上换不到登录态',
}

const IMPORT = (/** @type {string} */ top, /** @type {{ en: string, zh: string }} */ appid) => ({
  en: `In WeChat's developer tools: 导入项目 (import), folder ${top}${appid.en}`,
  zh: `微信开发者工具：导入项目，目录选 ${top}${appid.zh}`,
})

const SERVER = (/** @type {string} */ server) => ({
  en: `On your server: POST ${server}/wx/onlogin takes {"code"} and answers {"sessionid"}; other routes read the header
     sessionid, and answer 401 if they do not know it`,
  zh: `你的服务器：POST ${server}/wx/onlogin 收到 {"code"}，返回 {"sessionid"}；其他接口看请求头 sessionid，
     不认识就返回 401`,
})

const PAGE = (/** @type {string} */ page) => ({
  en: `In ${page}, replace /wx/products/list by a route of yours`,
  zh: `把 ${page} 里的 /wx/products/list 换成你自己的接口`,
})

const DOMAIN = (/** @type {string} */ server) => {
  const isHttps = server.startsWith('https:')
  return {
    en: `Before you use a phone: on mp.weixin.qq.com, 开发管理 → 服务器域名, add ${isHttps ? server : 'your server'} to the request domains${isHttps ? '' : ' (https only)'}`,
    zh: `上真机之前：在 mp.weixin.qq.com 的「开发管理 → 服务器域名」里，把${isHttps ? ` ${server} ` : '服务器'}加到 request 合法域名${isHttps ? '' : '（只能是 https）'}`,
  }
}
