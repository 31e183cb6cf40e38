/* WeChat as an old server and its client know it: a code for one exchange, and a key for each code. */
'use strict'

const crypto = require('crypto')

const APP = { appId: 'wx5e55105e55105e55', appSecret: 'secret' }
const IV = Buffer.alloc(16, 7)

const keyOf = (code) => crypto.createHash('md5').update(code).digest()

/** @param {string} openId The user of the phone. */
function createWechat(openId) {
  let issued = 0
  let latest = ''
  const wechat = {
    openId,
    /** The codes that were exchanged. */
    exchanged: [],
    /** Every code is refused. */
    isRefusing: false,
    newCode() {
      latest = `${openId}-code-${++issued}`
      return latest
    },
    /** What `wx.getUserInfo` gives, with the key of the latest code. */
    userInfo() {
      const key = keyOf(latest)
      const userInfo = { nickName: 'Alice 王小明 😀&=+%', gender: 1 }
      const rawData = JSON.stringify(userInfo)
      const cipher = crypto.createCipheriv('aes-128-cbc', key, IV)
      const data = JSON.stringify({ openId, ...userInfo, watermark: { appid: APP.appId, timestamp: 1 } })
      return {
        userInfo,
        rawData,
        signature: sha1(rawData + key.toString('base64')),
        encryptedData: cipher.update(data, 'utf8', 'base64') + cipher.final('base64'),
        iv: IV.toString('base64'),
      }
    },
    /** The answer of jscode2session. */
    exchange(code) {
      if (wechat.isRefusing || !code || wechat.exchanged.includes(code)) {
        return { errcode: 40029, errmsg: 'invalid code' }
      }
      wechat.exchanged.push(code)
      return { openid: code.split('-code-')[0], session_key: keyOf(code).toString('base64') }
    },
  }
  return wechat
}

function sha1(text) {
  return crypto.createHash('sha1').update(text).digest('hex')
}

module.exports = { APP, createWechat, sha1 }
