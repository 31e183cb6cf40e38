/*
 * The tests of the demonstration's page, in a real browser:
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
  outputDir: join(ROOT, 'target/page'),
  forbidOnly: true,
  // Each visitor has a world of their own on the server.
  fullyParallel: true,
  // A visitor waits most of the time: for a network that is as slow as a phone's.
  workers: '200%',
  timeout: 3 * PATIENCE,
  expect: { timeout: PATIENCE },
  reporter: [['line'], ['./count.js']],
  use: {
    baseURL: process.env.PAGE_URL,
    actionTimeout: PATIENCE,
    navigationTimeout: PATIENCE,
    viewport: { width: 1366, height: 860 },
    locale: 'en-GB',
    // Animations would take as much processor time as the tests.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    launchOptions: chromium,
  },
  webServer: {
    command: process.env.DEMO
      ? `"${process.env.DEMO}" --no-build --only-page`
      : 'cargo run --quiet --package wxsession-demo -- --only-page',
    cwd: ROOT,
    // A named group becomes an environment variable, here PAGE_URL.
    wait: { stdout: /listening on (?<page_url>http:\S+)\n/ },
    timeout: 10 * PATIENCE,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
})
