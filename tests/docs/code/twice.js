/* Every guide promises one sign-in for any number of calls. */
'use strict'

/** Makes twenty calls at a cold start, and twenty more after the server lost the session. Returns all forty results. */
async function twice(call, service) {
  const twenty = () => Promise.all(Array.from({ length: 20 }, call))
  const cold = await twenty()
  service.expire()
  return [...cold, ...(await twenty())]
}

/** This answer forty times. */
const forty = (answer) => Array.from({ length: 40 }, () => answer)

module.exports = { forty, twice }
