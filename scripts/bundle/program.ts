import * as esbuild from 'esbuild'
import { lateBuiltins } from './late-builtins.js'
import { COMMON, OLDEST_NODE, REQUIRE_OF_NODE } from './options.js'
import type { PackageTexts } from './package-texts.js'
import { replacedModules } from './replaced-modules.js'
import { yargsStart } from './yargs-start.js'

export interface Bundled {
  text: string
  /** The files that it is made of, as paths from the project's folder. */
  inputs: string[]
}

export interface Program {
  entry: string
  packages: PackageTexts
  workers: Record<string, string>
  /** An expression for the URL of the one file, where the program itself is `import.meta.url`. */
  oneFile: string
  /** The text of the module that has the native zstd. */
  nativeZstd: string
  /** The text of the module that finds 7-Zip. */
  sevenZip: string
}

/** The whole program as one module, whose parts run when they are first imported. */
export async function bundledProgram(program: Program): Promise<Bundled> {
  const { entry, packages, workers, oneFile, nativeZstd, sevenZip } = program
  const { outputFiles, metafile } = await esbuild.build({
    ...COMMON,
    format: 'esm',
    entryPoints: [entry],
    banner: { js: `${checkOfNode()}\n${REQUIRE_OF_NODE}` },
    plugins: [
      packages.plugin,
      yargsStart(),
      lateBuiltins(),
      replacedModules({
        'threads/worker-programs.js': `export const WORKER_PROGRAMS = ${JSON.stringify(workers)}`,
        'tool/one-file-location.js': `export const ONE_FILE = ${oneFile}`,
        'members/zstd-native.js': nativeZstd,
        'seven-zip/packaged.js': sevenZip,
      }),
    ],
  })
  return { text: outputFiles[0]?.text ?? '', inputs: [...Object.keys(metafile.inputs), ...packages.inputs] }
}

/** What a Node that is too old says: without it, that something is not a function. */
function checkOfNode(): string {
  const message = `containerimage needs Node ${OLDEST_NODE} or newer; this is `
  return `if(!process.getBuiltinModule){console.error(${JSON.stringify(message)}+process.version+'.');process.exit(1)}`
}
