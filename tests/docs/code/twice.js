/* What every guide promises: one sign-in for any number of calls. */
'use strict'

/** Twenty calls at a cold start, and twenty more when the server has forgotten the session; what was found both times. */
async function twice(call, service) {
  const twenty = () => Promise.all(Array.from({ length: 20 }, call))
  const cold = await twenty()
  service.expire()
  return [...cold, ...(await twenty())]
}

/** The same answer forty times. */
const forty = (answer) => Array.from({ length: 40 }, () => answer)

module.exports = { forty, twice }
