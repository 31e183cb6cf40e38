/*
 * A server that runs.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

// Nobody answers here, and nothing asks before a user signs in.
export const NO_WECHAT = 'http://127.0.0.1:9'

/**
 * Runs the command until `ask` has been called with the server's URL, then stops it by `stop`, which is SIGTERM by default.
 * The server must end with code 0. Returns what it logged.
 */
export async function whileItRuns(command, { port, env = {}, stop = (child) => child.kill('SIGTERM') }, ask) {
  const [program, ...words] = command
  const child = spawn(program, words, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let logged = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      logged += text
    })
  }
  const ended = once(child, 'close')
  try {
    await up(`http://127.0.0.1:${port}`, child, () => logged)
    await ask(`http://127.0.0.1:${port}`)
    stop(child)
    const [code, signal] = await ended
    assert.deepEqual([code, signal], [0, null], logged)
  } finally {
    child.kill('SIGKILL')
  }
  return logged
}

async function up(url, child, logged) {
  for (;;) {
    assert.equal(child.exitCode, null, `the server ended early: ${logged()}`)
    try {
      const { status } = await fetch(`${url}/healthz`)
      assert.equal(status, 200)
      return
    } catch (error) {
      if (error.code === 'ERR_ASSERTION') throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** A session that nobody has is refused: the store and the key ring are there. */
export async function refusesStrangers(url) {
  const answer = await fetch(`${url}/wx/session`, { headers: { sessionid: 'nobody' } })
  assert.equal(answer.status, 401)
}

/** A file that the server takes a secret from. */
export function secretFile(path) {
  writeFileSync(path, '0123456789abcdef0123456789abcdef\n', { mode: 0o600 })
  return path
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}
