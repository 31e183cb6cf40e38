// A real browser.

import { chromium } from 'playwright-core'
import how from '../chromium.js'

export const launched = () => chromium.launch(how.chromium)
