// Brings dist up to date for a few tests: compiles what has changed, file by file, and does not check types.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const FOLDERS = ['manifests', 'catalog', 'provider', 'cli', 'test', 'scripts']
const PAGE = path.join('cli', 'ui', 'page')
const ONE_FILE = 'dist/containerimage.mjs'

/** @returns whether the programs in dist/bin and the one file are older than what they are made from */
export async function quickBuild() {
  const sources = FOLDERS.flatMap(sourcesIn)
  const changed = sources.filter((source) => modified(source) >= modified(compiled(source)))
  if (changed.length > 0) {
    // The compiler would not recompile what it remembers, should the source be changed back.
    rmSync('dist/.tsbuildinfo', { force: true })
    mkdirSync('dist', { recursive: true })
    await build({
      entryPoints: changed,
      outdir: 'dist',
      outbase: '.',
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      logLevel: 'warning',
    })
  }
  const product = [...sources.filter((source) => !/^(test|scripts)\b/.test(source)), ...pageFiles()]
  return product.some((source) => modified(source) >= modified(ONE_FILE))
}

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts') && !/(^|[\\/])assembly[\\/]/.test(name))
    .map((name) => path.join(folder, name))
    .filter((source) => !source.startsWith(PAGE + path.sep) || source.endsWith('.ts'))
}

/** The bundle is made from them as they are. */
function pageFiles() {
  return readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(PAGE, name))
    .filter((file) => statSync(file).isFile())
}

function compiled(source) {
  return path.join('dist', source.replace(/\.tsx?$/, '.js'))
}

function modified(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0
}
