/*
 * What a bill of materials must say, by CycloneDX's own schema and by cargo.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The bill `text` must name the crates of the server and what is listed in `beside`, and nothing else. */
export async function assertBill(text, beside) {
  const wrong = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)
  assert.equal(wrong, null)
  const { metadata, components, dependencies } = JSON.parse(text)
  const named = [metadata.component, ...components]
  assert.deepEqual(named.map(({ purl }) => purl).sort(), [...crates(), standardLibrary(), ...beside].sort())
  // Macros run in the compiler.
  const inside = named.filter(({ scope, purl }) => scope !== 'excluded' && purl.startsWith('pkg:cargo/'))
  assert.deepEqual(inside.map(({ purl }) => purl).sort(), crates('normal,no-proc-macro'))
  assert.deepEqual(
    named.filter(({ purl, licenses }) => !licenses && !purl.startsWith('pkg:deb/')),
    [],
    'a crate has no licence',
  )
  const strangers = named.filter(({ hashes, purl }) => !hashes && !/^pkg:(deb|generic|cargo\/wxsession)/.test(purl))
  assert.deepEqual(strangers, [], 'a crate of the registry has no sum')
  assertConnected(metadata.component['bom-ref'], dependencies, named)
  return metadata.component
}

/** Everything is needed by something that the program needs. */
function assertConnected(root, dependencies, named) {
  const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn ?? []]))
  const reached = new Set([root])
  for (const ref of reached) {
    for (const needed of needs.get(ref) ?? []) {
      reached.add(needed)
    }
  }
  assert.deepEqual([...reached].sort(), named.map((component) => component['bom-ref']).sort())
}

function crates(edges = 'normal') {
  const words = ['tree', '--locked', '--package', 'wxsession-service', '--edges', edges]
  const tree = execFileSync('cargo', [...words, '--prefix', 'none', '--no-dedupe', '--format', '{p}'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const named = tree.matchAll(/^(\S+) v(\S+)/gm)
  const unique = new Set(Array.from(named, ([, name, version]) => `pkg:cargo/${name}@${version.replace('+', '%2B')}`))
  return [...unique].sort()
}

function standardLibrary() {
  const [, version] = execFileSync('rustc', ['--version'], { cwd: ROOT, encoding: 'utf8' }).split(' ')
  return `pkg:generic/rust-std@${version}`
}
