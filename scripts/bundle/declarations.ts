import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

/** What a declaration takes from another file: `from './x.js'`, `import('./x.js')`. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)\.js['"]/g

/** Copies the declarations to which a library's own refer, and no others, into a folder of the package. */
export function copyDeclarations(from: string, entry: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  for (const file of reachable(from, entry)) {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
    cpSync(path.join(from, file), path.join(to, file))
  }
}

function reachable(folder: string, entry: string): Set<string> {
  const found = new Set([entry])
  // Elements that are added to a set while it is iterated are visited too.
  for (const file of found)
    for (const [, to = ''] of readFileSync(path.join(folder, file), 'utf8').matchAll(IMPORT))
      found.add(path.join(path.dirname(file), `${to}.d.ts`))
  return found
}
