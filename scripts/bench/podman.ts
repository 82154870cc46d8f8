import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { addLayerUpon } from '../../test/fixtures/layer-upon.js'
import { tarOf } from '../../test/fixtures/layout.js'
import { TestPodman } from '../../test/peers/podman.js'
import { makeBenchImage } from './made-image.js'
import { mustRun, optionIn, printResults, runInTurn } from './measure.js'

/**
 * Measures loading into podman by its socket alongside `podman --remote load` of the same archive, in turn: the whole
 * image, and one small layer on top of a base that is already there. `--disk DIR` chooses where podman keeps its images,
 * `--size BYTES` and `--runs N` how much, `--layout DIR` an image made before.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const runs = Number(optionIn(args, 'runs') ?? 5)

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(optionIn(args, 'disk') ?? os.tmpdir(), 'containerimage-bench-'))
  const podman = new TestPodman(path.join(folder, 'root'))
  try {
    await podman.serve()
    await benchWith(podman, folder)
  } finally {
    await podman.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function benchWith(podman: TestPodman, folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const layout = optionIn(args, 'layout') ?? at('layout')
  if (!existsSync(path.join(layout, 'oci-layout')))
    await makeBenchImage(layout, Number(optionIn(args, 'size') ?? 1.3e9))
  addLayerUpon(layout, 'bench:2.0', tarOf({ 'etc/version': '2.0\n', 'usr/share/new': 1_000_000 }))
  const ours = (...words: string[]): string[] => [process.execPath, program, ...words, '--quiet']
  for (const version of ['1.0', '2.0']) {
    const only = ['bench', '--required-version', version, '--source', layout]
    mustRun(ours('save', ...only, '--path', at(`${version}.tar`)))
  }
  const address = `unix://${podman.socket}`
  const ourLoad = (version: string): string[] =>
    ours('load', at(`${version}.tar`), '--engine', 'podman', '--engine-address', address)
  const load = (version: string): string[] => [
    'podman',
    '--remote',
    '--url',
    address,
    'load',
    '-q',
    '-i',
    at(`${version}.tar`),
  ]
  const empty = (): void => {
    podman.podman('rmi', '--all', '--force')
    // What the last run wrote, and what was written to remove it, is not part of the next one.
    mustRun(['sync'])
  }
  const withBase = (): void => {
    empty()
    mustRun(load('1.0'))
  }
  const pair = (version: string, before: () => void) => [
    { title: 'load --engine podman', before, command: ourLoad(version) },
    { title: 'podman load', before, command: load(version) },
  ]
  printResults('a whole image by the socket', await runInTurn(pair('1.0', empty), runs, 1))
  printResults('one small layer upon a base that is there', await runInTurn(pair('2.0', withBase), runs, 1))
}
