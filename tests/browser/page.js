// What the tests find in the page.
import { createSession } from 'wxsession'
import { browser, byRedirect, followSignOut } from 'wxsession/browser'
import { signed } from 'wxsession/signed'

/** In milliseconds. A quiet machine takes a few. */
const PATIENCE = 60000

/** Calls a method of a host, and resolves to how that ends, or that it does not. `hear` gets the task. */
const ended = (host, method, options, hear = (_task) => {}) =>
  new Promise((resolve) => {
    setTimeout(() => resolve({ late: method }), PATIENCE)
    const callbacks = { success: (success) => resolve({ success }), fail: (fail) => resolve({ fail }) }
    hear(host[method](Object.assign({}, options, callbacks)))
  })

Object.assign(window, { createSession, browser, byRedirect, followSignOut, signed, ended })
