/*
 * As in its documentation on token authentication for servers that answer 401, with its uniapp adapter: one renewal for
 * all calls, and the token in storage. The cache is off, so that every call is sent.
 */
'use strict'

import AdapterUniapp from '@alova/adapter-uniapp'
import { createAlova } from 'alova'
import { createServerTokenAuthentication } from 'alova/client'
import { exchange } from './hand-written'

export function setUp({ loginUrl }) {
  let token = wx.getStorageSync('token')

  const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
    assignToken(method) {
      method.config.headers.sessionid = token
    },
    refreshTokenOnSuccess: {
      isExpired: (response) => response.statusCode === 401,
      async handler() {
        token = await exchange(loginUrl)
        wx.setStorageSync('token', token)
      },
    },
  })

  const alova = createAlova({
    ...AdapterUniapp(),
    cacheFor: null,
    shareRequest: false,
    beforeRequest: onAuthRequired(),
    responded: onResponseRefreshToken((response) => response),
  })

  return {
    request(url, done, failed) {
      alova.Get(url).then(done, failed)
    },
  }
}
