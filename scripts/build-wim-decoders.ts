import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Where the compiled decoders are kept as text, so that a plain TypeScript build carries them along. */
export const EMBEDDED = path.join(root, 'provider/formats/wim/codecs/decoders-wasm.ts')

/** Compiles provider/formats/wim/codecs/assembly and gives the text of the module that embeds it. */
export function compileDecoders(): Promise<string> {
  return compileAssembly(
    'provider/formats/wim/codecs/assembly/index.ts',
    'DECODERS_WASM',
    'build-wim-decoders',
  )
}

/** Compiles a module of AssemblyScript and gives the text of one that embeds it as a constant. */
export async function compileAssembly(entry: string, constant: string, script: string): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-asc-'))
  try {
    const out = path.join(folder, 'module.wasm')
    const { error, stderr } = await asc.main([
      path.join(root, entry),
      ...['--outFile', out, '--runtime', 'stub', '--use', 'abort=', '-O3', '--noAssert', '--converge'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
      ...['--zeroFilledMemory', '--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
    ])
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`)
    return embed(readFileSync(out), constant, script)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function embed(wasm: Buffer, constant: string, script: string): string {
  const lines = wasm.toString('base64').match(/.{1,96}/g) ?? []
  return [
    `// Made by scripts/${script}.ts from the sources in assembly/; a test compares them.`,
    `export const ${constant} =`,
    ...lines.map((line, i) => `  '${line}'${i < lines.length - 1 ? ' +' : ''}`),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED, await compileDecoders())
