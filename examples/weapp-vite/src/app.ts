// There is no sign-in here: the first request triggers it.
App({})
