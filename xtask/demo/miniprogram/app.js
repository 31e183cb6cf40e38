/* A start of the mini program: the session loads, and signs in when the first request needs it. */
require('./session')

App({})
