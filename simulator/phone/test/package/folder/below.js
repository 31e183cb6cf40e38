'use strict'

exports.up = require('../globals')
exports.nested = require('nested').name
exports.above = require('wxsession').name
