'use strict'

const TextDecoder = 'its own'

exports.decoder = TextDecoder
