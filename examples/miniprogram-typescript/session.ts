/* The one session of this mini program: every page imports this module. */
import { createSession } from 'wxsession'
import { server } from './server'

export const session = createSession({ loginUrl: `${server}/wx/onlogin` })
