/*
 * Loaded before a build's own programs: the example must find all its packages among its own, because a reader's copy is not
 * inside this project.
 */
'use strict'

/** @type {any} Its types leave out what finds a file. */
const Module = require('module')
const { join, resolve, sep } = require('path')

const PROJECT = join(resolve(__dirname, '../..'), 'node_modules') + sep
const find = Module._resolveFilename

Module._resolveFilename = function (request, ...others) {
  const found = find.call(this, request, ...others)
  if (!found.startsWith(PROJECT)) return found
  const error = new Error(`Cannot find module '${request}' among the example's packages, only among the project's`)
  throw Object.assign(error, { code: 'MODULE_NOT_FOUND' })
}
