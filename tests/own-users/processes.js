/* Processes that run until the test ends. */
'use strict'

const { spawn } = require('child_process')
const fs = require('fs')
const net = require('net')
const path = require('path')
const { afterwards } = require('../package/runner')

const GLANCE = 10

/**
 * @param {string[]} command
 * @param {{[name: string]: string}} environment Added to this process's own.
 */
function start([program, ...words], environment) {
  const child = spawn(program, words, {
    env: Object.assign({}, process.env, environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part))
  const over = new Promise((resolve) => child.once('close', resolve))
  child.once('error', (error) => (output += error))
  /** @param {NodeJS.Signals} [signal] */
  const stop = (signal) => {
    child.kill(signal)
    return over
  }
  afterwards(() => stop())
  return {
    stop,
    output: () => output,
    /** Waits until the process does what `ready` looks for. */
    async until(ready) {
      for (;;) {
        const found = await ready(output)
        if (found) return found
        if (child.exitCode !== null) throw new Error(`${program} ended: ${output}`)
        await new Promise((resolve) => setTimeout(resolve, GLANCE))
      }
    },
  }
}

/** A port that nothing listens at. */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/** Whether something accepts connections at this port. */
function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const done = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

/** An nginx with this server block, in this folder. */
function startNginx(folder, block) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  const file = path.join(folder, 'nginx.conf')
  fs.writeFileSync(
    file,
    `daemon off; master_process off; pid nginx.pid; error_log nginx.log; events {}
     http { access_log off; ${temporary.join(' ')} ${block} }`,
  )
  // Debian installs nginx in a folder that only root's PATH has.
  const program = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((name) => fs.existsSync(name)) || 'nginx'
  return start([program, '-p', folder, '-c', file, '-e', 'nginx.log'], {})
}

module.exports = { freePort, listens, start, startNginx }
