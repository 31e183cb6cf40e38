/* How every test starts Chromium by Playwright. */
'use strict'

/** What Playwright 1.65 turns off, which Chromium would forget: of several such switches it obeys only the last. */
const OFF_BY_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

/**
 * The pages below the address bar, which nobody sees here. Each window loads them in a process of their own, which takes as much
 * processor time as to open a page of ours.
 */
const BELOW_THE_ADDRESS = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup']

/** Playwright's options for starting it. */
const chromium = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    // As root, which a container often is, Chromium has no sandbox.
    '--no-sandbox',
    `--disable-features=${[...OFF_BY_PLAYWRIGHT, ...BELOW_THE_ADDRESS].join()}`,
  ],
}

module.exports = { chromium }
