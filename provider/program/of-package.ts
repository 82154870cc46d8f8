import { fstatSync, openSync, readSync } from 'node:fs'
import { PACKAGE } from '../../manifests/program.js'
import { keptCode } from './kept-code.js'
import { loadProgram } from './load-program.js'
import { PLACES } from './places.js'

const ONE_FILE = new URL('../containerimage.mjs', import.meta.url)

/** Stays open: a new version of the package that is installed meanwhile is another file. */
const file = openSync(ONE_FILE, 'r')
const { size } = fstatSync(file)

const code = keptCode()
const load = loadProgram(ONE_FILE.href, read, code)
Reflect.get(globalThis, Symbol.for(PACKAGE)).keepCode = keepCode

export const program = load(PLACES.entry)

async function keepCode(): Promise<void> {
  const kept = code?.toKeep()
  if (!kept) return
  const { keepFile } = load(PLACES.keeper) as unknown as typeof import('./keep-file.js')
  await keepFile(kept.folder, kept.name, kept.bytes)
}

function read(fromEnd: number, length: number): string {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let at = 0; at < length; ) {
    const count = readSync(file, bytes, at, length - at, size - fromEnd + at)
    if (count === 0) throw new Error(`${ONE_FILE.href} ends too soon.`)
    at += count
  }
  return bytes.toString('latin1')
}
