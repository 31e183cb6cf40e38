// What the tests find in the page.
import { createSession } from 'wxsession'
import { browser, byRedirect, followSignOut } from 'wxsession/browser'

/** Calls a method of a host, and resolves to how that ends. `hear` gets the task. */
const ended = (host, method, options, hear = (_task) => {}) =>
  new Promise((resolve) => {
    const callbacks = { success: (success) => resolve({ success }), fail: (fail) => resolve({ fail }) }
    hear(host[method](Object.assign({}, options, callbacks)))
  })

Object.assign(window, { createSession, browser, byRedirect, followSignOut, ended })
