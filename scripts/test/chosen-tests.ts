import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** What is to be run: compiled tests, and other words that are passed to mocha. */
export interface Chosen {
  specs: string[]
  options: string[]
  /** Words that were named but have no test. */
  unknown: string[]
}

/** What is run if nothing is named. */
export const EVERY_TEST = 'dist/test/**/*.test.js'
/** Options of mocha that take the next word. */
const WITH_VALUE = new Set(['--grep', '-g', '--fgrep', '-f', '--timeout', '-t', '--jobs', '-j'])

/**
 * Reads the words of `npm test`: a test, a folder of tests, a source or a folder of sources, each also as its compiled
 * file; and options of mocha.
 * @param root the folder to which everything is relative
 */
export function chosenTests(words: readonly string[], root = '.'): Chosen {
  const chosen: Chosen = { specs: [], options: [], unknown: [] }
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word.startsWith('-')) chosen.options.push(word, ...(WITH_VALUE.has(word) ? left.splice(0, 1) : []))
    else {
      const specs = /[*{]/.test(word) ? [word] : testsFor(word, root)
      if (specs.length === 0) chosen.unknown.push(word)
      chosen.specs.push(...specs)
    }
  }
  chosen.specs = [...new Set(chosen.specs)]
  if (chosen.specs.length === 0 && chosen.unknown.length === 0) chosen.specs.push(EVERY_TEST)
  return chosen
}

/** The test itself, the one that mirrors a source, or all those of the mirrored folder. */
function testsFor(word: string, root: string): string[] {
  const source = asSource(path.relative(root, path.resolve(root, word)))
  const mirrored = source.startsWith('test/') || source === 'test' ? source : `test/${source}`
  const exact = mirrored.endsWith('.test.ts') ? mirrored : mirrored.replace(/\.ts$/, '.test.ts')
  if (exact.endsWith('.ts') && isFile(path.join(root, exact))) return [compiled(exact)]
  if (exact.endsWith('.test.ts') && source.startsWith('test/')) return []
  const folder = mirrored.endsWith('.ts') ? path.posix.dirname(mirrored) : mirrored
  return testsIn(path.join(root, folder)).map((name) => compiled(path.posix.join(folder, name)))
}

function asSource(word: string): string {
  return word
    .split(path.sep)
    .join('/')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts')
}

function compiled(source: string): string {
  return `dist/${source.replace(/\.ts$/, '.js')}`
}

/** The source of a compiled test. */
export function sourceOf(compiledFile: string): string {
  return compiledFile.replace(/^dist\//, '').replace(/\.js$/, '.ts')
}

function isFile(place: string): boolean {
  return existsSync(place) && statSync(place).isFile()
}

function testsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.split(path.sep).join('/'))
    .sort()
}
