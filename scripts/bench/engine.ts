import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { addLayerUpon } from '../../test/fixtures/layer-upon.js'
import { tarOf } from '../../test/fixtures/layout.js'
import { type Docker, startDocker } from '../../test/peers/engines.js'
import { makeBenchImage } from './made-image.js'
import { mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * Measures loading into docker alongside `docker load` of the same image, in turn: the whole image, and one small layer
 * on top of a base that is already there. `--disk DIR` chooses where docker keeps its images, `--driver` its storage
 * driver, `--size BYTES` and `--runs N` how much.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const size = Number(optionIn(args, 'size') ?? 1.3e9)
const runs = Number(optionIn(args, 'runs') ?? 5)
const driver = optionIn(args, 'driver') === 'vfs' ? 'vfs' : 'overlay2'

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(optionIn(args, 'disk') ?? os.tmpdir(), 'containerimage-bench-'))
  const engine = await startDocker({ driver, dataRoot: path.join(folder, 'docker') })
  try {
    await benchWith(engine, folder)
  } finally {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function benchWith(engine: Docker, folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const layout = optionIn(args, 'layout') ?? at('layout')
  if (!existsSync(path.join(layout, 'oci-layout'))) await makeBenchImage(layout, size)
  addLayerUpon(layout, 'bench:2.0', tarOf({ 'etc/version': '2.0\n', 'usr/share/new': 1_000_000 }))
  const ours = (...words: string[]): string[] => [process.execPath, program, ...words, '--quiet']
  for (const version of ['1.0', '2.0'])
    mustRun(
      ours(
        'save',
        'bench',
        '--required-version',
        version,
        '--source',
        layout,
        '--path',
        at(`${version}.tar`),
      ),
    )
  const install = (version: string): string[] =>
    ours(
      'install',
      at(`${version}.tar`),
      '--store',
      at('store'),
      '--engine',
      'docker',
      '--engine-address',
      engine.socket,
    )
  const ourLoad = (version: string): string[] =>
    ours('load', at(`${version}.tar`), '--engine', 'docker', '--engine-address', engine.socket)
  const load = (version: string): string[] => [
    'docker',
    '-H',
    `unix://${engine.socket}`,
    'load',
    '-q',
    '-i',
    at(`${version}.tar`),
  ]
  console.log(`\n## docker with ${driver}`)
  printResults(
    'a whole image',
    await runInTurn(
      [
        {
          title: 'install --engine docker',
          before: () => removeAll(engine, at('store')),
          command: install('1.0'),
        },
        { title: 'load --engine docker', before: () => removeAll(engine), command: ourLoad('1.0') },
        { title: 'docker load', before: () => removeAll(engine), command: load('1.0') },
      ],
      runs,
      1,
    ),
  )
  const withBase = (): void => {
    removeAll(engine, at('store'))
    mustRun(install('1.0'))
  }
  printResults(
    'one small layer upon a base that is there',
    await runInTurn(
      [
        { title: 'install --engine docker', before: withBase, command: install('2.0') },
        { title: 'load --engine docker', before: withBase, command: ourLoad('2.0') },
        { title: 'docker load', before: withBase, command: load('2.0') },
      ],
      runs,
      1,
    ),
  )
}

/** Every run begins with an empty engine, and with an empty store if ours keeps images. */
function removeAll(engine: Docker, store?: string): void {
  const ids = engine.docker('images', '-aq').trim().split('\n').filter(Boolean)
  if (ids.length > 0) engine.docker('rmi', '-f', ...new Set(ids))
  if (store !== undefined) remove(store)
  // What the last run wrote, and what was written to remove it, is not part of the next one.
  mustRun(['sync'])
}
