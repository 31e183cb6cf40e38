/* The lines that an app needs, to copy. They are those of the project's README. */
import { word } from './words.js'

const LINES = `const { createSession } = require('wxsession')
const session = createSession({ loginUrl: 'https://api.example.com/wx/onlogin' })

App({
  session,
  async onLaunch() {
    const res = await session.request({ url: '/wx/products/list' })
    console.log(res.statusCode, res.data)
  },
})
`

/** @param {(text: string) => void} tell Tells the visitor what came of it. */
export function showLines(tell) {
  const code = document.getElementById('lines')
  code.textContent = LINES
  document.getElementById('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(LINES)
      tell(word('lines.copied'))
    } catch (refused) {
      // Over plain HTTP from another machine there is no clipboard.
      getSelection().selectAllChildren(code)
      tell(word('lines.selected'))
    }
  })
}
