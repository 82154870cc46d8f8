// Makes the whole tool as one file, dist/containerimage.mjs with its licences, the PowerShell module beside it, and the
// programs that the package puts on the PATH, dist/bin, which start fast and load the one file, as the library does.
// Its declarations go to dist/types.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { POWERSHELL_NAMES } from '../cli/words/powershell-names.js'
import { PACKAGE, VERSION } from '../manifests/program.js'
import * as library from '../provider/index.js'
import type { Places } from '../provider/program/places.js'
import { licenseComment, oneFileHead } from '../provider/tool/one-file.js'
import { MODULE_FOLDER, moduleComment } from '../provider/tool/powershell-module.js'
import { chunksComment, linesIn, placesOf } from './bundle/chunks-comment.js'
import { copyDeclarations } from './bundle/declarations.js'
import { bundledPackages, licensesText } from './bundle/licenses.js'
import { packageTexts } from './bundle/package-texts.js'
import { makePageAssets } from './bundle/page-assets.js'
import { type BundledProgram, bundledProgram, loader } from './bundle/program.js'
import { startProgram } from './bundle/start-program.js'
import { workerTexts } from './bundle/worker-texts.js'
import { moduleFiles } from './powershell/module.js'

const BIN = 'dist/bin'
const MODULE = path.join('dist', MODULE_FOLDER)

const module = await moduleFiles()
const ofPage = await makePageAssets()
makeModule()
const program = await makeProgram()
const places = await makeOneFile()
await makePrograms()
makeLibrary()

async function makeProgram(): Promise<BundledProgram> {
  const [packages, workers] = await Promise.all([packageTexts(), workerTexts()])
  return await bundledProgram({
    packages,
    workers,
    nativeZstd: besideThePackage('nativeZstd', 'nativeZstd'),
    sevenZip: besideThePackage('sevenZip', 'packagedSevenZip'),
  })
}

/** @returns where the chunks are in it */
async function makeOneFile(): Promise<Places> {
  const licenses = licensesText(VERSION, bundledPackages([...program.inputs, ...ofPage]))
  writeFileSync('dist/containerimage-licenses.txt', licenses)
  const rest = [chunksComment(program), moduleComment(module), licenseComment(licenses)].join('')
  // The beginning says how many lines it has itself; it has the same number whatever it says.
  const { lines } = await oneFileStart(placesOf(program, 0, Buffer.byteLength(rest)))
  const places = placesOf(program, lines, Buffer.byteLength(rest))
  const { text } = await oneFileStart(places)
  writeProgram('dist/containerimage.mjs', `${text}${rest}`)
  return places
}

async function oneFileStart(places: Places): Promise<{ text: string; lines: number }> {
  const loading = await loader('dist/provider/program/of-one-file.js', places)
  const text = `${oneFileHead(VERSION)}${loading}${exportsOf(libraryNames())}`
  return { text, lines: linesIn(text) }
}

/** The PowerShell module, beside the one file that it runs. */
function makeModule(): void {
  rmSync(MODULE, { recursive: true, force: true })
  for (const [name, text] of Object.entries(module)) {
    mkdirSync(path.dirname(path.join(MODULE, name)), { recursive: true })
    writeFileSync(path.join(MODULE, name), text)
  }
}

/** The text of a module that the package has in a file of its own, but the one file by itself does not have. */
function besideThePackage(name: string, exported: string): string {
  return `
    export async function ${exported}() {
      const beside = globalThis[Symbol.for('${PACKAGE}')]
      if (!beside) throw new Error('This is not in the one file.')
      return (await beside.${name}()).${exported}()
    }`
}

async function makePrograms(): Promise<void> {
  rmSync(BIN, { recursive: true, force: true })
  mkdirSync(BIN)
  // The code that loads a package that may be missing is a file of its own.
  copyFileSync('dist/provider/archives/members/zstd-native.js', path.join(BIN, 'zstd-native.js'))
  copyFileSync('dist/provider/formats/seven-zip/packaged.js', path.join(BIN, 'seven-zip.js'))
  const beside = "{ nativeZstd: () => import('./zstd-native.js'), sevenZip: () => import('./seven-zip.js') }"
  const loading = await loader('dist/provider/program/of-package.js', places)
  const main = `globalThis[Symbol.for('${PACKAGE}')] = ${beside}\n${loading}${exportsOf(['main', ...libraryNames()])}`
  writeFileSync(path.join(BIN, 'main.js'), main)
  const entries = [
    'containerimage.js',
    ...Object.keys(POWERSHELL_NAMES).map((name) => `powershell/${name.toLowerCase()}.js`),
  ]
  for (const entry of entries)
    writeProgram(path.join(BIN, path.basename(entry)), await startProgram(`dist/cli/${entry}`))
}

/** The library is the one file too, under the names that its entry exports. */
function makeLibrary(): void {
  writeFileSync(
    path.join(BIN, 'library.js'),
    `export {\n  ${libraryNames().join(',\n  ')},\n} from './main.js'\n`,
  )
  copyDeclarations('dist', 'provider/index.d.ts', 'dist/types')
}

function libraryNames(): string[] {
  return Object.keys(library).sort()
}

/** The loader has names of its own, from which these must differ. */
function exportsOf(names: string[]): string {
  const taken = names.map((name) => `${name}: $${name}`)
  const given = names.map((name) => `$${name} as ${name}`)
  return `const {\n  ${taken.join(',\n  ')},\n} = program\nexport {\n  ${given.join(',\n  ')},\n}\n`
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}
