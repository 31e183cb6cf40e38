/*
 * Makes the document of the API from the declarations and their comments:
 *   node xtask/node/api-document.mjs js/docs/api.md
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { API } from 'typescript/unstable/sync'

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const HEAD = `# API

Made from [\`index.d.ts\`](../index.d.ts) by \`cargo xtask document\`: change it there. How things are used is in
[the guide](guide.md), recipes are with the [options](options.md), failures with the [errors](errors.md).
`

const api = new API()
try {
  const project = api.updateSnapshot({ openProjects: [at('js/tsconfig.json')] }).getProjects()[0]
  const file = project.program.getSourceFile(at('js/index.d.ts'))
  const statements = /** @type {any[]} */ ([...file.statements])
  const declared = statements.filter(({ name }) => name)
  declared.sort((one, other) => (place(one) < place(other) ? -1 : Number(place(one) > place(other))))
  const contents = declared.map(({ name }) => `- [\`${name.text}\`](#${name.text.toLowerCase()})`).join('\n')
  const document = [HEAD, `${contents}\n`, ...declared.map((node) => section(node, file))].join('\n')
  // Not printed: TypeScript's compiler may print there too while it is being closed.
  writeFileSync(process.argv[2], document)
} finally {
  api.close()
}

/** A reader starts with `createSession` and `Session`. The other declarations keep their order. */
function place({ name }) {
  const first = ['createSession', 'Session'].indexOf(name.text)
  return first < 0 ? Infinity : first
}

function section(node, file) {
  const said = comment(node, file)
  const members = node.members ? [...node.members].filter(({ name }) => name?.text) : []
  if (!members.some((member) => comment(member, file)))
    return parts(`## ${node.name.text}`, said, code(declaration(node, file)))
  const head = declaration(node, file).split('{')[0].trim()
  const documented = members.map((member) =>
    parts(`### ${member.name.text}`, code(member.getText(file).replace(/\n {2}/g, '\n')), comment(member, file)),
  )
  return parts(`## ${node.name.text}`, said, code(head), documented.join('\n'))
}

/** The declaration without `export`, which every declaration has. */
function declaration(node, file) {
  return node.getText(file).replace(/^export (declare )?/, '')
}

function code(source) {
  return `\`\`\`ts\n${source}\n\`\`\``
}

/** The text of the last comment before a declaration, with links to other declarations. */
function comment(node, file) {
  const last = node.jsDoc?.at(-1)
  if (!last) return ''
  const lines = file.text.slice(last.pos, last.end).split('\n')
  // The tag `@example` is dropped, because an example is a code block anyway.
  return lines
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .replace(/^@example\n/gm, '')
    .replace(/\{@link (\w+)\}/g, (_, name) => `[\`${name}\`](#${name.toLowerCase()})`)
    .trim()
}

function parts(...given) {
  return `${given.filter(Boolean).join('\n\n').trim()}\n`
}
