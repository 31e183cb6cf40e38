'use strict'

exports.name = 'folder/index'
exports.started = (exports.started || 0) + 1
