import { createSession, type SessionHost } from 'wxsession'
// #ifdef H5
import { browser, byRedirect } from 'wxsession/browser'
// #endif

/** What the session calls: WeChat itself, unless this is a build for browsers. */
let host: SessionHost | undefined
// #ifdef H5
// The authorization server sends the page back with a code for the app's server.
host = browser({
  login: byRedirect((back, state) => {
    const query = { response_type: 'code', client_id: 'wxsession-example', redirect_uri: back, state }
    return `${import.meta.env.VITE_AUTHORIZE}?${new URLSearchParams(query)}`
  }),
})
// #endif

/** The one session of this program, on both platforms. */
export const session = createSession({
  loginUrl: `${import.meta.env.VITE_API}/wx/onlogin`,
  wasmPath: '/wxsession.wasm.br',
  host,
})
