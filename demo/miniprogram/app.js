/* The start of the mini program. Nothing here signs in: the first request triggers that. */
require('./session')

App({})
