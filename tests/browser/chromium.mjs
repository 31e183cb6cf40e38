// A real browser.

import { chromium } from 'playwright-core'

export const launched = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // As root, which a container often is, Chromium has no sandbox.
    args: ['--no-sandbox'],
  })
