// Nothing is said about signing in: the first request sees to it.
App({})
