import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeBenchImage } from './made-image.js'
import { mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * The commands that users run most, with this build; with `--other PROGRAM` (the `dist/bin/containerimage.js` of
 * another build) also with that one, in turn. `--size BYTES` is the unpacked size of the image; `--layout DIR` is one
 * made before; `--runs N`, default 7; `--memory DIR` chooses where.
 */
const args = process.argv.slice(3)
const runs = Number(optionIn(args, 'runs') ?? 7)
const programs = [path.resolve('dist/bin/containerimage.js'), optionIn(args, 'other')].filter(
  (one) => one !== undefined,
)

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-bench-'))
  const at = (name: string): string => path.join(folder, name)
  try {
    const layout = optionIn(args, 'layout') ?? at('layout')
    if (!existsSync(path.join(layout, 'oci-layout')))
      await makeBenchImage(layout, Number(optionIn(args, 'size') ?? 5.4e8))
    const [store, archive, saved] = [at('store'), at('kept.tar'), at('saved.tar')]
    const none = ['--store', at('none')]
    const install = ['install', archive, '--store', store, '--quiet']
    const [own = ''] = programs
    mustRun([process.execPath, own, 'save', 'bench', '--source', layout, '--path', archive, '--quiet'])
    await compare(['--version'])
    await compare(['verify', ...none])
    await compare(['get', ...none])
    await compare(['save', 'bench', '--source', layout, '--path', saved, '--quiet'], () => remove(saved))
    await compare(install, () => remove(store))
    await compare(['verify', archive, '--quiet'])
    await compare(['verify', '--store', store, '--quiet'])
  } finally {
    remove(folder)
  }
}

async function compare(words: string[], before?: () => void): Promise<void> {
  const contenders = programs.map((program, at) => ({
    title: at === 0 ? 'this build' : 'the other',
    before,
    command: [process.execPath, program, ...words],
  }))
  printResults(words.slice(0, 2).join(' '), await runInTurn(contenders, runs, 1))
}
