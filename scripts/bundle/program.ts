import * as esbuild from 'esbuild'
import type { Places } from '../../provider/program/places.js'
import { inAscii } from './ascii.js'
import { type Chunks, inChunks } from './chunks.js'
import { lateBuiltins } from './late-builtins.js'
import { COMMON, OLDEST_NODE, PROGRAM_URL, REQUIRE_OF_NODE } from './options.js'
import type { PackageTexts } from './package-texts.js'
import { replacedModules } from './replaced-modules.js'
import { yargsStart } from './yargs-start.js'

export interface Program {
  packages: PackageTexts
  workers: Record<string, string>
  /** The text of the module that has the native zstd. */
  nativeZstd: string
  /** The text of the module that finds 7-Zip. */
  sevenZip: string
}

const ENTRY = 'dist/cli/one-file.js'
const KEEPER = 'dist/provider/program/keep-file.js'

/** Modules that the usual commands load when they start: the entry first. */
const USUAL = [
  ENTRY,
  'dist/cli/main.js',
  ...['get', 'verify', 'install'].flatMap((verb) => [
    `dist/cli/commands/${verb}.js`,
    `dist/provider/verbs/${verb}/${verb}.js`,
  ]),
]

export interface BundledProgram extends Chunks {
  /** The files from which it is made, as paths from the project's folder. */
  inputs: string[]
}

/** The whole program in chunks. */
export async function bundledProgram(program: Program): Promise<BundledProgram> {
  const { packages, workers, nativeZstd, sevenZip } = program
  const plugins = [
    packages.plugin,
    yargsStart(),
    lateBuiltins(),
    replacedModules({
      'threads/worker-programs.js': `export const WORKER_PROGRAMS = ${JSON.stringify(workers)}`,
      'tool/one-file-location.js': `export const ONE_FILE = new URL(${PROGRAM_URL})`,
      'members/zstd-native.js': nativeZstd,
      'seven-zip/packaged.js': sevenZip,
    }),
  ]
  const chunks = await inChunks({ entryPoints: [ENTRY, KEEPER], plugins }, USUAL, KEEPER)
  return { ...chunks, inputs: [...chunks.inputs, ...packages.inputs] }
}

/** A small module that loads the program from where its chunks are. */
export async function loader(entry: string, places: Places): Promise<string> {
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    // The number of its lines must not depend on what is in PLACES.
    lineLimit: 0,
    format: 'esm',
    entryPoints: [entry],
    banner: { js: `${checkOfNode()}\n${REQUIRE_OF_NODE}` },
    plugins: [
      lateBuiltins(),
      replacedModules({ 'program/places.js': `export const PLACES = ${JSON.stringify(places)}` }),
    ],
  })
  return inAscii(outputFiles[0]?.text ?? '')
}

/** The message for a Node that is too old: without it, Node says that something is not a function. */
function checkOfNode(): string {
  const message = `containerimage needs Node ${OLDEST_NODE} or newer; this is `
  return `if(!process.getBuiltinModule){console.error(${JSON.stringify(message)}+process.version+'.');process.exit(1)}`
}
