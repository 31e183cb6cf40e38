/*
 * The crates that others build on, as a registry would have them:
 *   node --test tests/published/crates.test.mjs
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// A crate's sources, what a reader needs, and what cargo adds.
const MEANT =
  /^(src|examples|openapi|deploy)\/|^(README\.md|LICENSE-\w+|Cargo\.(toml|toml\.orig|lock)|\.cargo_vcs_info\.json)$/
// Those that may be published: for the others, Cargo.toml lists no registry.
const CRATES = JSON.parse(cargo('metadata', '--no-deps', '--format-version', '1'))
  .packages.filter(({ publish }) => publish === null)
  .map(({ name }) => name)

test('there are crates to publish', () => {
  assert.ok(CRATES.includes('wxsession') && CRATES.includes('wxsession-server'), `${CRATES}`)
})

test('the crates can be packed', () => {
  cargo('package', '--allow-dirty', '--no-verify', ...CRATES.flatMap((name) => ['--package', name]))
})

for (const name of CRATES) {
  test(`what is in the crate ${name}`, () => {
    const listed = cargo('package', '--allow-dirty', '--list', '--package', name).trim().split(/\r?\n/)
    const strange = listed.map((file) => file.replaceAll('\\', '/')).filter((file) => !MEANT.test(file))
    assert.deepEqual(strange, [], 'see `include` in its Cargo.toml')
  })
}

function cargo(...words) {
  return execFileSync('cargo', words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
