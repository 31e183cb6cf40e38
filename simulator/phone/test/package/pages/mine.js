'use strict'

Page({
  data: { calls: [] },
  onLoad({ of }) {
    this.data.calls.push(`load ${of}`)
  },
  onShow() {
    this.data.calls.push('show')
  },
  onHide() {
    this.data.calls.push('hide')
  },
  onUnload() {
    this.data.calls.push('unload')
  },
})
