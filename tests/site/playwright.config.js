/*
 * The tests of the documents' site, as `cargo xtask site` has built it, in a real browser:
 *   npx playwright test     (in this folder)
 */
'use strict'

const { join } = require('path')
const { defineConfig } = require('@playwright/test')
const { chromium } = require('../chromium')

const ROOT = join(__dirname, '../..')
/** Generous, because the machine may be slow and busy. */
const PATIENCE = 60_000

module.exports = defineConfig({
  outputDir: join(ROOT, 'target/site-tests'),
  forbidOnly: true,
  fullyParallel: true,
  workers: '100%',
  timeout: 3 * PATIENCE,
  expect: { timeout: PATIENCE },
  reporter: [['line'], ['../page/count.js']],
  use: {
    baseURL: process.env.SITE_URL,
    actionTimeout: PATIENCE,
    navigationTimeout: PATIENCE,
    viewport: { width: 1366, height: 860 },
    locale: 'en-GB',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: chromium,
  },
  webServer: {
    command: 'node server.js',
    cwd: __dirname,
    // A named group becomes an environment variable, here SITE_URL.
    wait: { stdout: /listening on (?<site_url>http:\S+)\n/ },
    timeout: PATIENCE,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
})
