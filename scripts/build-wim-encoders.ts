import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileAssembly } from './build-wim-decoders.js'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Where the compiled encoders are kept as text, so that a plain TypeScript build carries them along. */
export const EMBEDDED = path.join(root, 'provider/formats/wim/codecs/encoders-wasm.ts')

/** Compiles provider/formats/wim/codecs/assembly/encode and gives the text of the module that embeds it. */
export function compileEncoders(): Promise<string> {
  return compileAssembly(
    'provider/formats/wim/codecs/assembly/encode/index.ts',
    'ENCODERS_WASM',
    'build-wim-encoders',
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED, await compileEncoders())
