// The nginx that js/docs/browser.md describes, in front of a server.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const DOCUMENT = fileURLToPath(new URL('../../js/docs/browser.md', import.meta.url))
const GLANCE = 20

/**
 * Starts the documented nginx, for pages of an origin that call a server.
 *
 * @param {{page: string, api: string, headers?: string[]}} origins With the headers that the page sends besides.
 * @returns {Promise<{url: string, kill(): void, stop(): Promise<unknown>}>}
 */
export async function allowing({ page, api, headers = [] }) {
  for (;;) {
    const port = await freePort()
    const nginx = await started(documented({ page, api, port, headers }), port)
    // Somebody else may have taken the port meanwhile.
    if (nginx) return { url: `http://127.0.0.1:${port}`, ...nginx }
  }
}

/** The block of the document, with the addresses of the test. */
function documented({ page, api, port, headers }) {
  const [, block] = /^```nginx\n([^]*?)^```/m.exec(readFileSync(DOCUMENT, 'utf8')) ?? []
  const changes = [
    ['https://h5.example.com', page],
    ['443 ssl', `127.0.0.1:${port}`],
    ['http://127.0.0.1:8080', api],
    ['content-type, sessionid', ['content-type, sessionid', ...headers].join(', ')],
  ]
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the document does not name ${from}`)
    return text.replace(from, to)
  }, block ?? '')
}

/** Resolves to what ends it, or to nothing if it does not start. */
async function started(block, port) {
  const folder = mkdtempSync(join(tmpdir(), 'wxsession-nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; pid nginx.pid; error_log nginx.log; events {}
     http { access_log off; ${temporary.join(' ')} ${block} }`,
  )
  // Debian installs nginx in a folder that only root's PATH has.
  const program = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((name) => existsSync(name)) ?? 'nginx'
  const child = spawn(program, ['-p', folder, '-c', file, '-e', 'nginx.log'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const over = new Promise((resolve) => child.once('close', resolve))
  const kill = () => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const stop = () => {
    kill()
    return over
  }
  while (child.exitCode === null) {
    const isReady = await fetch(`http://127.0.0.1:${port}`, { method: 'OPTIONS' }).then(
      ({ status }) => status === 204,
      () => false,
    )
    if (isReady) return { kill, stop }
    await sleep(GLANCE)
  }
  await stop()
  return undefined
}

/** @returns {Promise<number>} A port that nothing listens at. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
