/* What a tap does: a page shows that it is under way, and what went wrong. */
const { problemOf } = require('./messages')

/**
 * Resolves to whether it succeeded.
 *
 * @param {{setData(data: object): void}} page Has `isBusy` and `problem` in its data.
 * @param {() => Promise<unknown>} run
 */
async function attempt(page, run) {
  page.setData({ isBusy: true, problem: null })
  try {
    await run()
    page.setData({ isBusy: false })
    return true
  } catch (error) {
    page.setData({ isBusy: false, problem: problemOf(error) })
    return false
  }
}

module.exports = { attempt }
