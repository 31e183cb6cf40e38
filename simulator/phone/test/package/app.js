'use strict'

const wxsession = require('wxsession')

App({
  onLaunch({ path, query }) {
    this.started = { path, query }
    console.log('launched', wxsession.name)
  },
  onShow() {
    this.shown = true
  },
})
