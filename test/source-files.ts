import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const LAYERS = ['manifests', 'catalog', 'provider', 'cli'] as const

/** AssemblyScript: TypeScript's syntax, but other types and imports. */
const ASSEMBLY = [
  'provider/formats/wim/codecs/assembly/',
  'provider/recovery/kernel/assembly/',
  'provider/delta/blocks/kernel/assembly/',
]

/** Every TypeScript file of the four layers with its text; paths with slashes, from the project's folder. */
export function sourceFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const layer of LAYERS)
    for (const name of readdirSync(layer, { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name)) continue
      const file = path.posix.join(layer, name.split(path.sep).join('/'))
      if (ASSEMBLY.some((folder) => file.startsWith(folder))) continue
      files.set(file, readFileSync(file, 'utf8'))
    }
  return files
}
