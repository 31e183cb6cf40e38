'use strict'

exports.up = require('../globals')
