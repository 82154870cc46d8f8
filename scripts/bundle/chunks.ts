import path from 'node:path'
import * as esbuild from 'esbuild'
import { CHUNK_HELPERS } from '../../provider/program/chunk-helpers.js'
import { inAscii } from './ascii.js'
import { COMMON, PROGRAM_URL } from './options.js'

/** The program in parts: `core` has what the usual commands load, every other part is loaded when it is first used. */
export interface Chunks {
  core: string
  /** By the names under which they import each other: `./serve-4XTB2Q.js`. */
  later: Record<string, string>
  /** The chunk of the core that exports what the entry exports. */
  entry: string
  /** The chunk that keeps a file. */
  keeper: string
}

/** Where the chunks of esbuild would be; nothing is written there. */
const FOLDER = path.resolve('dist/chunks')

/**
 * Splits the program where parts are imported on demand.
 * @param build as for a single module; its entry is in the core
 * @param usual further modules that the usual commands load, as paths from the project's folder
 * @param keeper the module that keeps a file
 */
export async function inChunks(
  build: esbuild.BuildOptions,
  usual: readonly string[],
  keeper: string,
): Promise<Chunks & { inputs: string[] }> {
  const { outputFiles = [], metafile } = await esbuild.build({
    ...build,
    ...COMMON,
    format: 'esm',
    splitting: true,
    outdir: FOLDER,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    define: { 'import.meta.url': PROGRAM_URL },
  })
  const texts = new Map(outputFiles.map(({ path: file, text }) => [nameOf(file), text]))
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, of]) => [nameOf(file), of]))
  const core = staticallyFrom(rootsIn(outputs, usual), outputs)
  const made = await Promise.all(
    [...texts].sort().map(async ([name, text]) => [name, await inFunction(text)] as const),
  )
  return {
    core: `({${made
      .filter(([name]) => core.has(name))
      .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
      .join(',\n')}})\n`,
    later: Object.fromEntries(
      made.filter(([name]) => !core.has(name)).map(([name, text]) => [name, `(${text})\n`]),
    ),
    entry: rootsIn(outputs, usual)[0] ?? '',
    keeper: rootsIn(outputs, [keeper])[0] ?? '',
    inputs: Object.keys(metafile.inputs),
  }
}

function nameOf(file: string): string {
  return `./${path.basename(file)}`
}

type Outputs = Map<string, esbuild.Metafile['outputs'][string]>

/**
 * The chunks that begin with a module.
 * @throws if one is no longer imported on demand
 */
function rootsIn(outputs: Outputs, usual: readonly string[]): string[] {
  return usual.map((module) => {
    const [name] = [...outputs].find(([, { entryPoint }]) => entryPoint === module) ?? []
    if (name === undefined) throw new Error(`scripts/bundle.ts: no chunk begins with ${module}`)
    return name
  })
}

function staticallyFrom(roots: readonly string[], outputs: Outputs): Set<string> {
  const found = new Set(roots)
  // Elements that are added to a set while it is iterated are visited too.
  for (const name of found)
    for (const { path: to, kind } of outputs.get(name)?.imports ?? [])
      if (kind === 'import-statement') found.add(nameOf(to))
  return found
}

/** An expression for a function that gets what the chunk needs; V8 compiles nothing in it before it is called. */
async function inFunction(text: string): Promise<string> {
  const { bundle, write, metafile, lineLimit, ...options } = COMMON
  const { code } = await esbuild.transform(text.replace(/^#!.*\n/, ''), {
    ...options,
    format: 'cjs',
    // A part is already here, or it is read at once.
    supported: { 'dynamic-import': false },
  })
  const parameters = ['require', 'exports', 'module', PROGRAM_URL, ...HELPERS].join(',')
  const whole = `chunk = function(${parameters}){${withoutHelpers(code)}}`
  const inLines = await esbuild.transform(whole, { ...options, lineLimit })
  return inAscii(inLines.code.replace(/^chunk=/, '').replace(/;\s*$/, ''))
}

/** The functions that esbuild puts before modules that are required belong to the loader, once for all chunks. */
function withoutHelpers(code: string): string {
  const begin = code.indexOf('var stdin_exports=')
  const before = code.slice(0, Math.max(0, begin))
  const others = [...before.matchAll(/(?:^|;var |\},)(__\w+)=/g)].filter(([, name = '']) => !KNOWN.has(name))
  if (others.length > 0)
    throw new Error(`provider/program/chunk-helpers.ts lacks ${others.map(([, name]) => name)}`)
  return code.slice(before.length)
}

const HELPERS = Object.keys(CHUNK_HELPERS)
/** What esbuild's own functions consist of. */
const OWN_PARTS = [
  '__create',
  '__defProp',
  '__getOwnPropDesc',
  '__getOwnPropNames',
  '__getProtoOf',
  '__hasOwnProp',
  '__copyProps',
]

const KNOWN = new Set([...HELPERS, ...OWN_PARTS])
