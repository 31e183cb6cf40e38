'use strict'

const wxsession = require('wxsession')

App({
  onLaunch() {
    console.log('launched', wxsession.name)
  }
})
