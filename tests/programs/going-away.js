/* An address of a server that cannot be reached at first, and later can. */
'use strict'

const net = require('net')
const { afterwards } = require('../package/runner')

/** @param {string} url The server's. @returns {Promise<{url: string, comeBack(): Promise<void>}>} */
async function goAway(url) {
  const line = net.createServer((near) => {
    const far = net.connect(Number(new URL(url).port), '127.0.0.1')
    for (const end of [near, far])
      end.on('error', () => {
        near.destroy()
        far.destroy()
      })
    near.pipe(far).pipe(near)
    afterwards(() => near.destroy())
  })
  /** @returns {Promise<void>} */
  const listen = (port) =>
    new Promise((resolve, reject) => {
      line.on('error', reject)
      line.listen(port, '127.0.0.1', resolve)
    })
  const close = () => new Promise((resolve) => line.close(resolve))
  await listen(0)
  const { port } = /** @type {import('net').AddressInfo} */ (line.address())
  await close()
  return {
    url: `http://127.0.0.1:${port}`,
    comeBack() {
      afterwards(() => line.close())
      return listen(port)
    },
  }
}

module.exports = { goAway }
