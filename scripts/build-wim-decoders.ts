import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Where the compiled decoders are kept as text, so that a plain TypeScript build carries them along. */
export const EMBEDDED = path.join(root, 'provider/wim/codecs/decoders-wasm.ts')

/** Compiles provider/wim/codecs/assembly and gives the text of the module that embeds it. */
export async function compileDecoders(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-asc-'))
  try {
    const out = path.join(folder, 'decoders.wasm')
    const { error, stderr } = await asc.main([
      path.join(root, 'provider/wim/codecs/assembly/index.ts'),
      ...['--outFile', out, '--runtime', 'stub', '--use', 'abort=', '-O3', '--noAssert', '--converge'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
      ...['--zeroFilledMemory', '--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
    ])
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`)
    return embed(readFileSync(out))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function embed(wasm: Buffer): string {
  const lines = wasm.toString('base64').match(/.{1,96}/g) ?? []
  return [
    '// Made by scripts/build-wim-decoders.ts from the sources in assembly/; a test compares them.',
    'export const DECODERS_WASM =',
    ...lines.map((line, i) => `  '${line}'${i < lines.length - 1 ? ' +' : ''}`),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED, await compileDecoders())
