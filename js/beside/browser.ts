import type { BrowserHost, BrowserOptions } from '../browser'
import { byRedirect } from './browser/by-redirect'
import { checked } from './browser/options'
import { downloadFile } from './browser/download'
import { followSignOut } from './browser/follow'
import { loginBy } from './browser/login'
import { request } from './browser/request'
import { connectSocket } from './browser/socket'
import { storedIn } from './browser/storage'
import { uploadFile } from './browser/upload'
// Sessions take the core from there: a page has no WebAssembly file at the path of a mini program's.
import './plain.js'

export { byRedirect, followSignOut }

/** A host for a session in a browser: wx's methods, made of what browsers have. */
export function browser(options?: BrowserOptions): BrowserHost {
  const { login, storage, credentials, socketProtocols } = checked(options)
  return Object.assign(storedIn(storage, login), {
    login: loginBy(login),
    request: request(credentials),
    uploadFile: uploadFile(credentials),
    downloadFile: downloadFile(credentials),
    connectSocket: connectSocket(socketProtocols),
  })
}
