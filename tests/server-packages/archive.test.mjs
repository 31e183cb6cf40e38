/*
 * The server's archive, which is made on every system.
 *   PACKAGES=target/packages AGAIN=target/packages-again node --test tests/server-packages/archive.test.mjs
 *
 * AGAIN has the archive of a second build.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'node:test'

const [ARCHIVE, AGAIN] = [process.env.PACKAGES, process.env.AGAIN].map((folder) => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tar.gz'))
  assert.equal(names.length, 1, `${folder}: ${names}`)
  return join(folder, names[0])
})

test('the files and their modes, in a folder of the archive’s name', () => {
  const lines = execFileSync('tar', ['-tvzf', ARCHIVE, '--numeric-owner'], { encoding: 'utf8' }).trim().split('\n')
  const entries = lines.map((line) => line.split(/\s+/))
  const folder = basename(ARCHIVE, '.tar.gz')
  assert.deepEqual(
    entries.map(([mode, owner, , , , path]) => [path, mode, owner]),
    [
      [`${folder}/`, 'drwxr-xr-x', '0/0'],
      [`${folder}/LICENSE-APACHE`, '-rw-r--r--', '0/0'],
      [`${folder}/LICENSE-MIT`, '-rw-r--r--', '0/0'],
      [`${folder}/THIRD-PARTY-LICENSES`, '-rw-r--r--', '0/0'],
      [`${folder}/wxsession-server`, '-rwxr-xr-x', '0/0'],
      [`${folder}/wxsession-server.service`, '-rw-r--r--', '0/0'],
      [`${folder}/wxsession.toml`, '-rw-r--r--', '0/0'],
    ],
  )
})

test('a second build gives the same bytes', () => {
  assert.ok(readFileSync(ARCHIVE).equals(readFileSync(AGAIN)))
})
