/*
 * As in its README: the request interceptor locks while it signs in; the response interceptor locks, signs in and resends.
 * A second instance without interceptors makes the exchange, and a variable holds the token.
 */
'use strict'

const Fly = require('flyio/dist/npm/wx')

exports.setUp = ({ loginUrl }) => {
  const fly = new Fly()
  const tokenFly = new Fly()
  let token = ''

  const signIn = () =>
    new Promise((success, fail) => wx.login({ success, fail }))
      .then(({ code }) => tokenFly.post(loginUrl, { code }))
      .then(({ data }) => {
        token = data.sessionid
      })

  fly.interceptors.request.use((request) => {
    if (!token) {
      fly.lock()
      return signIn()
        .then(() => {
          request.headers.sessionid = token
          return request
        })
        .finally(() => fly.unlock())
    }
    request.headers.sessionid = token
  })
  fly.interceptors.response.use(
    (response) => response,
    (error) => {
      if (error.status !== 401) return undefined
      fly.lock()
      return signIn()
        .finally(() => fly.unlock())
        .then(() => fly.request(error.request))
    },
  )

  return {
    request(url, done, failed) {
      fly.get(url).then(done, failed)
    },
  }
}
