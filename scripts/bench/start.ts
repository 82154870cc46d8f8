import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * How soon each form of the program answers: `--runs N`, default 20. The store is empty; nobody listens on the port.
 */
const args = process.argv.slice(3)
const runs = Number(optionIn(args, 'runs') ?? 20)

const FORMS = [
  { title: 'the programs of the package', file: 'dist/bin/containerimage.js' },
  { title: 'dist/cli, file for file', file: 'dist/cli/containerimage.js' },
  { title: 'the one file', file: 'dist/containerimage.mjs' },
]

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-bench-'))
  try {
    const store = ['--store', path.join(folder, 'store')]
    const bare = { title: 'bare node -e 0', command: [process.execPath, '-e', '0'] }
    const refused = ['pull', '127.0.0.1:1/nobody:1', ...store]
    for (const words of [['--version'], ['get', ...store], ['verify', ...store], refused]) {
      const forms = FORMS.map(({ title, file }) => ({
        title,
        command: [process.execPath, path.resolve(file), ...words],
        mayFail: words === refused,
      }))
      printResults(words[0] ?? '', await runInTurn([...forms, bare], runs, 1))
    }
  } finally {
    remove(folder)
  }
}
