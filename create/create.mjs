#!/usr/bin/env node
// `create-wxsession FOLDER`: sets up a mini program that signs its users in and keeps their sessions.

import { stdin, stdout } from 'node:process'
import { asked } from './asking.mjs'
import { write } from './program.mjs'
import { Wrong, wanted } from './wanted.mjs'
import { help, remaining, seeHelp } from './words.mjs'

const language = /^zh/i.test(Intl.DateTimeFormat().resolvedOptions().locale) ? 'zh' : 'en'

try {
  const given = wanted(process.argv.slice(2), language)
  if (given.help) {
    console.log(help(given.language))
  } else {
    const complete = await asked(given, {
      isPerson: Boolean(stdin.isTTY && stdout.isTTY),
      input: stdin,
      output: stdout,
    })
    const steps = remaining(complete)
    write(complete, steps)
    console.log(steps)
  }
} catch (error) {
  if (!(error instanceof Wrong)) throw error
  const spoken = error.language || language
  console.error(error.texts[spoken])
  if (error.isUse) console.error(seeHelp[spoken])
  process.exitCode = 1
}
