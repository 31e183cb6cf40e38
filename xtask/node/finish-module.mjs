// Finishes the module that wasm-opt left: `node finish-module.mjs IN.wasm OUT.wasm`.
//
// wasm-bindgen exports two globals that its glue never reads in a build that aborts on panic, and iOS cannot
// export globals at all.

import { readFileSync, writeFileSync } from 'node:fs'
import binaryen from 'binaryen'

const [input, output] = process.argv.slice(2)
const module = binaryen.readBinary(readFileSync(input))
const exported = Array.from({ length: module.getNumExports() }, (_, index) =>
  binaryen.getExportInfo(module.getExportByIndex(index)),
)
for (const { kind, name } of exported) {
  if (kind === binaryen.ExternalGlobal) module.removeExport(name)
}
module.runPasses(['remove-unused-module-elements'])
writeFileSync(output, module.emitBinary())
