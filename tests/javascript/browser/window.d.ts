// What tests/browser/page.js and the tests put into the page.

declare const browser: any
declare const byRedirect: any
declare const createSession: any
declare const ended: any
declare const followSignOut: any
declare const signed: any

interface Window {
  [name: string]: any
}
