import { createSession } from 'wxsession'

/** The one session of this program. */
export const session = createSession({
  loginUrl: `${process.env.TARO_APP_API}/wx/onlogin`,
  wasmPath: '/wxsession.wasm.br',
})
