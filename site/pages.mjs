// Which Markdown files of the project are pages of the site, and where each of them is.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {'en' | 'zh-CN'} Language */

/** The project's top folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The pages in the order of the sidebar, without the endings of their files. */
/** @type {{ title: Record<Language, string>, names: string[] }[]} */
export const GROUPS = [
  {
    title: { en: 'Start', 'zh-CN': '开始' },
    names: [
      'README',
      'js/docs/guide',
      'js/docs/frameworks',
      'js/docs/browser',
      'js/docs/without-an-appid',
      'js/docs/faq',
    ],
  },
  {
    title: { en: 'Reference', 'zh-CN': '参考' },
    names: ['js/docs/options', 'js/docs/api', 'js/docs/errors', 'js/docs/troubleshooting', 'js/docs/package'],
  },
  {
    title: { en: 'Accounts and platforms', 'zh-CN': '账号与平台' },
    names: ['js/docs/accounts', 'js/docs/other-servers', 'js/docs/signed', 'js/docs/douyin'],
  },
  {
    title: { en: 'Migrating', 'zh-CN': '迁移' },
    names: [
      'js/docs/moving-from-wx-request',
      'js/docs/moving-from-alova',
      'js/docs/moving-from-luch-request',
      'js/docs/moving-from-axios',
      'js/docs/moving-from-uni-id',
      'js/docs/moving-from-werequest',
      'js/docs/moving-from-wafer-client-sdk',
      'js/docs/moving-from-weapp-session-client',
    ],
  },
  {
    title: { en: 'The server', 'zh-CN': '服务端' },
    names: [
      'service/docs/protocol',
      'service/docs/deploy',
      'service/docs/settings',
      'service/docs/operation',
      'service/docs/other-backends',
      'service/docs/signed-requests',
      'service/docs/accounts',
      'service/docs/own-users',
      'service/docs/third-parties',
      'service/docs/old-clients',
      'service/docs/zones',
      'service/docs/capacity',
    ],
  },
  {
    title: { en: 'Before you decide', 'zh-CN': '选型' },
    names: [
      'js/docs/comparison',
      'js/docs/measured',
      'js/docs/how-it-works',
      'docs/decisions/README',
      'docs/decisions/machines-instead-of-async',
      'docs/decisions/no-check-session',
      'docs/decisions/numbers-across-the-boundary',
      'docs/decisions/own-accept-loop',
      'docs/decisions/own-redis-cluster-client',
      'docs/decisions/swap-only-store',
      'docs/decisions/webassembly',
      'SECURITY',
      'CHANGELOG',
    ],
  },
  {
    title: { en: 'Examples', 'zh-CN': '示例' },
    names: [
      'examples/miniprogram/README',
      'examples/miniprogram-typescript/README',
      'examples/taro/README',
      'examples/uni-app/README',
      'examples/weapp-vite/README',
      'create/README',
      'simulator/README',
    ],
  },
  {
    title: { en: 'Working on wxsession', 'zh-CN': '参与开发' },
    names: ['CONTRIBUTING', 'AGENTS'],
  },
]

const ENDINGS = { en: '.md', 'zh-CN': '.zh-CN.md' }

/** The file of a page, from the top folder. Undefined if the page is not written in this language. */
export function fileOf(/** @type {string} */ name, /** @type {Language} */ language) {
  const file = name + ENDINGS[language]
  return existsSync(join(ROOT, file)) ? file : undefined
}

/** Where the page of a file is. A README is the index of its folder. @param {string} file */
export function placeOf(file) {
  const isChinese = file.endsWith(ENDINGS['zh-CN'])
  const place = file.replace(isChinese ? ENDINGS['zh-CN'] : ENDINGS.en, '').replace(/(^|\/)README$/, '$1index')
  return posix.join(isChinese ? 'zh-CN' : '', `${place}.md`)
}

/** Every file that is a page. */
export const FILES = GROUPS.flatMap(({ names }) =>
  names.flatMap((name) =>
    /** @type {Language[]} */ (['en', 'zh-CN']).flatMap((language) => fileOf(name, language) ?? []),
  ),
)

/** The pages without a Chinese version. */
export const ENGLISH_ALONE = FILES.filter(
  (file) => !file.endsWith(ENDINGS['zh-CN']) && !FILES.includes(file.replace(/\.md$/, ENDINGS['zh-CN'])),
)

/** The first heading of a file. @param {string} file */
export function titleOf(file) {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(ROOT, file), 'utf8')) ?? []
  if (!title) throw new Error(`${file} has no heading`)
  return title.replaceAll('`', '')
}

/**
 * What a link in a file leads to: a page of the site, or another file of the project.
 *
 * @param {string} file The file with the link, from the top folder.
 * @param {string} link
 * @returns {{ page: string } | { file: string } | undefined} Undefined for a link that leaves the project or stays on its page.
 */
export function targetOf(file, link) {
  if (/^([a-z]+:|#|\/)/.test(link)) return undefined
  const [path, anchor = ''] = link.split(/(?=#)/)
  const target = posix.join(posix.dirname(file), decodeURI(path)).replace(/\/$/, '')
  const page = [target, `${target}/README.md`].find((candidate) => FILES.includes(candidate))
  if (page) return { page: `/${placeOf(page)}${anchor}` }
  if (!existsSync(join(ROOT, target))) throw new Error(`${file}: ${link} does not exist`)
  return { file: statSync(join(ROOT, target)).isDirectory() ? `${target}/` : target }
}

/**
 * The anchor of a heading, by the rule that the forges have and that tests/docs checks: letters and digits of any script,
 * hyphens and underscores.
 *
 * @param {string} title
 */
export const anchorOf = (title) =>
  title
    .toLowerCase()
    .replace(/[^\p{Alphabetic}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
