import { createSession } from 'wxsession'
import { host } from './host'

/** The one session of this program, on both platforms. */
export const session = createSession({
  loginUrl: `${process.env.TARO_APP_API}/wx/onlogin`,
  wasmPath: '/wxsession.wasm.br',
  host,
})
