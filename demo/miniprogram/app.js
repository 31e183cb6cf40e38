/* The start of the mini program. Nothing is said about signing in: the first request sees to it. */
require('./session')

App({})
