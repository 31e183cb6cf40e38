// Checks that the tarball is as npm, Node.js and bundlers expect a package: `node publint.mjs TARBALL`.

import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const file = readFileSync(process.argv[2])
const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
// `engines` names versions of Node.js, which never runs this package. WeChat's base library does, but npm does not know it.
const IGNORED = ['USE_ENGINES_NODE']

const { messages: all, pkg } = await publint({ pack: { tarball }, level: 'suggestion', strict: true })
const messages = all.filter(({ code }) => !IGNORED.includes(code))
for (const message of messages) console.error(formatMessage(message, pkg, { color: false }))
if (pkg.name !== 'wxsession') throw new Error(`the package is ${pkg.name}`)
process.exit(messages.length === 0 ? 0 : 1)
