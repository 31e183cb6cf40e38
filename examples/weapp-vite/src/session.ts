import { createSession } from 'wxsession'

/** The one session of this program. */
export const session = createSession({
  loginUrl: `${import.meta.env.VITE_API}/wx/onlogin`,
})
