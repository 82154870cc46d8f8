import * as esbuild from 'esbuild'
import { COMMON, NEVER_LOADED } from './options.js'

/**
 * Packages that few runs need. For each path that the program imports: the names that it takes from there, and where
 * they are in what `require` returns.
 */
const PACKAGES: Record<string, Record<string, Record<string, string>>> = {
  undici: {
    undici: { ProxyAgent: '.ProxyAgent' },
    'undici/lib/dispatcher/agent.js': { default: '' },
    'undici/lib/dispatcher/pool.js': { default: '' },
    'undici/lib/core/connect.js': { default: '' },
  },
  conf: { conf: { default: '.default' } },
  ora: { ora: { default: '.default' } },
  'xz-decompress': { 'xz-decompress': { default: '' } },
  archiver: { archiver: { ZipArchive: '.ZipArchive' } },
  unzipper: { unzipper: { default: '' } },
  'node-7z': { 'node-7z': { default: '' } },
  fzstd: { fzstd: { Decompress: '.Decompress' } },
  yaml: {
    yaml: {
      LineCounter: '.LineCounter',
      isAlias: '.isAlias',
      isMap: '.isMap',
      isSeq: '.isSeq',
      parseDocument: '.parseDocument',
    },
  },
}

export interface PackageTexts {
  plugin: esbuild.Plugin
  /** What was put into the texts, as esbuild's metafile names it. */
  inputs: string[]
}

/**
 * Puts the packages that few runs need into the bundle as text, which is compiled when it is first used: skipping a
 * text takes a fifth of the time that parsing it takes.
 */
export async function packageTexts(): Promise<PackageTexts> {
  const built = await Promise.all(Object.keys(PACKAGES).map(buildPackage))
  const texts = new Map(built.map(({ name, text }) => [name, text]))
  return {
    inputs: built.flatMap(({ inputs }) => inputs),
    plugin: {
      name: 'package-texts',
      setup(build) {
        build.onResolve({ filter: new RegExp(`^(${[...texts.keys()].join('|')})(/|$)`) }, ({ path }) => ({
          path,
          namespace: 'package',
        }))
        build.onLoad({ filter: /.*/, namespace: 'package' }, ({ path }) => ({ contents: importing(path) }))
        build.onResolve({ filter: /^text-of:/ }, ({ path }) => ({ path, namespace: 'text-of' }))
        build.onLoad({ filter: /.*/, namespace: 'text-of' }, ({ path }) => {
          const name = path.slice('text-of:'.length)
          return { contents: compiling(name, texts.get(name) ?? '') }
        })
      },
    },
  }
}

/** The package as a CommonJS module with a function for each path, so that only the requested parts run. */
async function buildPackage(name: string): Promise<{ name: string; text: string; inputs: string[] }> {
  const parts = Object.keys(PACKAGES[name] ?? {}).map(
    (path) => `exports['${path}'] = () => require('${path}')`,
  )
  const { outputFiles, metafile } = await esbuild.build({
    ...COMMON,
    format: 'cjs',
    external: NEVER_LOADED,
    stdin: { contents: parts.join('\n'), resolveDir: '.' },
  })
  return { name, text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) }
}

function importing(path: string): string {
  const name = Object.keys(PACKAGES).find((one) => path === one || path.startsWith(`${one}/`)) ?? ''
  const names = PACKAGES[name]?.[path]
  if (!names) throw new Error(`scripts/bundle/package-texts.ts does not know ${path}`)
  const values = Object.entries(names).map(([one, place]) =>
    one === 'default' ? `export default part${place}` : `export const ${one} = part${place}`,
  )
  return [`const part = require('text-of:${name}')['${path}']()`, ...values].join('\n')
}

/** A CommonJS module that compiles the text. Its name appears in stack traces. */
function compiling(name: string, text: string): string {
  return `
    const { compileFunction } = require('node:vm')
    const text = ${JSON.stringify(text)}
    compileFunction(text, ['exports', 'module', 'require'], { filename: '${name}.cjs' })(exports, module, require)`
}
