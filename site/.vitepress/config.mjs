// The site's configuration. `build.mjs` puts the pages into the source folder and says where the site will be.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { links } from '../links.mjs'
import { anchorOf, ENGLISH_ALONE, fileOf, GROUPS, placeOf, titleOf } from '../pages.mjs'
import { isForgiving, words } from '../search.mjs'
import { emptyHeadings, headedCells } from '../tables.mjs'

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const source = folder('../.staged')
const base = process.env.SITE_BASE || '/'

/** @param {import('../pages.mjs').Language} language @param {string} note Follows the title of a page in the other language. */
const sidebar = (language, note) =>
  GROUPS.map(({ title, names }) => ({
    text: title[language],
    items: names.map((name) => {
      const own = fileOf(name, language)
      const file = own ?? `${name}.md`
      return { text: titleOf(file) + (own ? '' : note), link: `/${placeOf(file)}` }
    }),
  }))

/** The link to the demonstration. It is no page of VitePress's, which `target` tells it. @param {string} text */
const nav = (text) => (process.env.SITE_DEMO ? [{ text, link: '/demo/', target: '_self' }] : [])

const CHINESE_SEARCH = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    displayDetails: '显示详细列表',
    resetButtonTitle: '清除',
    backButtonTitle: '关闭',
    noResultsText: '没有找到',
    footer: {
      selectText: '打开',
      selectKeyAriaLabel: '回车',
      navigateText: '切换',
      navigateUpKeyAriaLabel: '上箭头',
      navigateDownKeyAriaLabel: '下箭头',
      closeText: '关闭',
      closeKeyAriaLabel: 'Esc',
    },
  },
}

export default defineConfig({
  title: 'wxsession',
  base,
  head: [['link', { rel: 'icon', href: `${base}pictures/demo/page/site/icon.svg` }]],
  srcDir: source,
  outDir: folder('../../target/site'),
  cacheDir: folder('../../target/site-cache'),
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      description: 'Sign-in and sessions for WeChat mini programs',
      themeConfig: { nav: nav('Demonstration'), sidebar: sidebar('en', '') },
    },
    'zh-CN': {
      label: '简体中文',
      lang: 'zh-CN',
      description: '管理微信小程序的登录态：静默登录，无感刷新，请求一个不丢',
      themeConfig: {
        nav: nav('演示'),
        sidebar: sidebar('zh-CN', '（英文）'),
        outline: { label: '本页内容', level: [2, 3] },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '外观',
        lightModeSwitchTitle: '切换到浅色',
        darkModeSwitchTitle: '切换到深色',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '切换语言',
        skipToContentLabel: '跳到正文',
        notFound: {
          title: '没有这一页',
          quote: '链接可能写错了，页面也可能已经移走。',
          linkLabel: '回到首页',
          linkText: '回到首页',
        },
      },
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        locales: { 'zh-CN': { translations: CHINESE_SEARCH } },
        miniSearch: {
          options: { tokenize: words },
          searchOptions: { combineWith: 'AND', fuzzy: isForgiving },
        },
      },
    },
    // For the theme, which leads to the other language's first page instead.
    englishAlone: ENGLISH_ALONE.map((file) => placeOf(file).replace(/\.md$/, '')),
  },
  markdown: {
    anchor: { slugify: anchorOf },
    // The usual themes have colours that are hard to read.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(markdown) {
      links(markdown, { source, repository: process.env.SITE_REPOSITORY })
      emptyHeadings(markdown)
      headedCells(markdown)
    },
  },
})
