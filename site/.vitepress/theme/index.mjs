// VitePress's own theme, and what it lacks for pages in one language.

import { inBrowser } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import './site.css'

export default {
  extends: DefaultTheme,
  /** Leads from a page that has no translation to the first page in the other language. */
  enhanceApp({ router, siteData }) {
    if (!inBrowser) return
    router.onBeforePageLoad = async (/** @type {string} */ to) => {
      const { base, themeConfig } = siteData.value
      const place = to
        .slice(base.length)
        .replace(/[?#].*$/, '')
        .replace(/\.html$/, '')
      if (!themeConfig.englishAlone.some((/** @type {string} */ page) => place === `zh-CN/${page}`)) return true
      await router.go(`${base}zh-CN/`)
      return false
    }
  },
}
