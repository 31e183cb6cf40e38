'use strict'

Page({
  data: { items: [], calls: [] },
  note(name) {
    this.setData({ calls: this.data.calls.concat(name) })
  },
  onLoad({ kind }) {
    this.note(`load ${kind}`)
  },
  onShow() {
    this.note('show')
  },
  onReady() {
    this.note('ready')
  },
  onHide() {
    this.note('hide')
  },
  fill(done) {
    this.setData(
      { 'items[1].name': 'second', 'items.[1].price': 3, 'items[0]': { name: 'first', tap() {} }, nothing: undefined },
      done,
    )
  },
})
