const session = require('../../session')
const { toSignIn } = require('../../account')
const { problemOf, problemOfAnswer } = require('../../messages')

Page({
  data: { picture: '', progress: 0, isSending: false, isSent: false, problem: null },

  choose() {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image'],
      sizeType: ['compressed'],
      // There is no `fail`: it runs when the user cancels.
      success: ({ tempFiles }) => this.send(tempFiles[0].tempFilePath),
    })
  },

  /** The button below a problem: leads to the sign-in page, or sends the same picture again. */
  retry() {
    return this.data.problem.isSignedOut ? toSignIn() : this.send(this.data.picture, { signIn: true })
  },

  async send(picture, { signIn = false } = {}) {
    this.setData({ picture, progress: 0, isSending: true, isSent: false, problem: null })
    try {
      if (signIn) await session.login()
      const task = session.uploadFile({ url: '/pictures', filePath: picture, name: 'picture' })
      task.onProgressUpdate(({ progress }) => this.setData({ progress }))
      const answer = await task
      if (answer.statusCode === 200) this.setData({ isSent: true })
      else this.setData({ problem: problemOfAnswer(answer) })
    } catch (error) {
      this.setData({ problem: problemOf(error) })
    }
    this.setData({ isSending: false })
  },
})
