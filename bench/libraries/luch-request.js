/*
 * luch-request knows nothing of sessions. Its documentation shows two interceptors and, for renewing, a flag and a queue of
 * the calls refused in the meantime. The first sign-in is shared too.
 */
'use strict'

import Request from 'luch-request'
import { exchange } from './hand-written'

export function setUp({ loginUrl }) {
  const http = new Request()
  let token = wx.getStorageSync('token')
  let signingIn

  function signIn() {
    if (!signingIn) {
      signingIn = exchange(loginUrl).then((issued) => {
        token = issued
        wx.setStorageSync('token', token)
      })
      const over = () => {
        signingIn = undefined
      }
      signingIn.then(over, over)
    }
    return signingIn
  }

  http.interceptors.request.use(async (config) => {
    if (!token) await signIn()
    config.header = { ...config.header, sessionid: token }
    return config
  })
  http.interceptors.response.use(
    (response) => response,
    async (response) => {
      const { config, statusCode } = response
      if (statusCode !== 401 || config.custom.isSecond) throw response
      await signIn()
      return http.request({ ...config, custom: { isSecond: true } })
    },
  )

  return {
    request(url, done, failed) {
      http.get(url).then(done, failed)
    },
  }
}
