'use strict'

exports.name = 'wxsession in miniprogram_npm'
