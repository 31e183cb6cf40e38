/* A socket whose events are recorded. */
'use strict'

const { make, noting } = require('./kinds')

/** A socket, and all its events. */
function opened(world, path, options) {
  const heard = []
  const task = make(world, 'connectSocket', path, Object.assign(noting(heard), options))
  task.onOpen(() => heard.push('open'))
  task.onMessage(({ data }) => heard.push(typeof data === 'string' ? data : `${data.byteLength} bytes`))
  task.onError((error) => heard.push(`error ${error.code || error.errMsg}`))
  task.onClose(({ code, reason }) => heard.push(`close ${code} ${reason}`.trim()))
  return { heard, task }
}

const isOpen =
  ({ heard }) =>
  () =>
    heard.indexOf('open') >= 0

module.exports = { isOpen, opened }
