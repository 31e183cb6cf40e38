/* The account of the user who is signed in, and the way to the sign-in page. */
const { createAccount } = require('wxsession/account')
const session = require('./session')

const SIGN_IN_PAGE = 'pages/sign-in/sign-in'

const account = createAccount(session)

/** Called when the sign-in page is left. */
let leftSignIn = () => {}

/** Opens the sign-in page, unless the user is there already. */
function toSignIn() {
  const [top] = getCurrentPages().slice(-1)
  if (!top || top.route !== SIGN_IN_PAGE) wx.navigateTo({ url: `/${SIGN_IN_PAGE}`, fail() {} })
}

/**
 * Runs a change of the account. If the server first wants a proof of who the user is, they sign in again, and the change
 * goes on.
 *
 * @template Result
 * @param {() => Promise<Result>} run
 */
async function change(run) {
  try {
    return await run()
  } catch (error) {
    if (error.code !== 'proof_needed') throw error
    const before = await account.get()
    await signInAgain(error.problem.methods)
    const after = await account.get()
    // Somebody else may have signed in, whose account must not be changed.
    if (after.user !== before.user) throw { code: 'another_account' }
    return run()
  }
}

/**
 * Lets the user sign in again by one of these methods. Resolves when they are back, whether they did or not.
 *
 * @returns {Promise<void>}
 */
function signInAgain(methods) {
  return new Promise((resolve, reject) => {
    leftSignIn = resolve
    wx.navigateTo({ url: `/${SIGN_IN_PAGE}?methods=${methods.join()}`, fail: reject })
  })
}

module.exports = { account, change, leftSignIn: () => leftSignIn(), toSignIn }
