import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileAssembly } from './build-wim-decoders.js'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Where the compiled kernel is kept as text, so that a plain TypeScript build carries it along. */
export const EMBEDDED = path.join(root, 'provider/delta/blocks/kernel/kernel-wasm.ts')

/** Compiles provider/delta/blocks/kernel/assembly and gives the text of the module that embeds it. */
export function compileKernel(): Promise<string> {
  return compileAssembly(
    'provider/delta/blocks/kernel/assembly/index.ts',
    'DELTA_KERNEL_WASM',
    'build-delta-kernel',
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED, await compileKernel())
