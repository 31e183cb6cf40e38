'use strict'

exports.timers = { setTimeout, clearTimeout, setInterval, clearInterval }
