import { browser, byRedirect } from 'wxsession/browser'

/** What the session calls in a browser. The authorization server sends the page back with a code for the app's server. */
export const host = browser({
  login: byRedirect((back, state) => {
    const query = { response_type: 'code', client_id: 'wxsession-example', redirect_uri: back, state }
    return `${process.env.TARO_APP_AUTHORIZE}?${new URLSearchParams(query)}`
  }),
})
