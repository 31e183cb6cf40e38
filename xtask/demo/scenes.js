/* The four scenes, each with the least counts that it can be done with. */
'use strict'

const { SHELVES } = require('./miniprogram/shop-size')
