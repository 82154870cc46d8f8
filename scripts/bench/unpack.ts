import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onPath } from '../../test/peers/peers.js'
import { makeBenchImage } from './made-image.js'
import { type Contender, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * An image of many files, unpacked into a folder, alongside umoci, and alongside gzip and tar that write its layers one
 * after the other; then what it costs to read its files, the first time and from what was kept. `--size BYTES` is the
 * image's, unpacked; `--layout DIR` is one made before; `--runs N`, default 5; `--memory DIR` chooses where.
 */
const args = process.argv.slice(3)
const program = path.resolve('dist/bin/containerimage.js')
const runs = Number(optionIn(args, 'runs') ?? 5)

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-bench-'))
  // This run must keep its own data about layers.
  process.env.XDG_DATA_HOME = path.join(folder, 'data')
  try {
    const layout = optionIn(args, 'layout') ?? path.join(folder, 'layout')
    if (!existsSync(path.join(layout, 'oci-layout')))
      await makeBenchImage(layout, Number(optionIn(args, 'size') ?? 1.3e9))
    await unpacking(folder, layout)
    await listing(folder, layout)
  } finally {
    remove(folder)
  }
}

async function unpacking(folder: string, layout: string): Promise<void> {
  const place = path.join(folder, 'root')
  const ours = [
    process.execPath,
    program,
    'unpack',
    layout,
    place,
    '--quiet',
    '--store',
    path.join(folder, 'none'),
  ]
  const untar = layersOf(layout).map((layer) => `gzip -dc ${layer} | tar -x --numeric-owner -C ${place}`)
  const contenders: Contender[] = [
    { title: 'unpack, first time', command: ours, before: () => clear(folder, place) },
    { title: 'unpack, its files known', command: ours, before: () => remove(place) },
    {
      title: 'gzip -dc | tar x',
      command: ['bash', '-c', `mkdir ${place} && ${untar.join(' && ')}`],
      before: () => remove(place),
    },
  ]
  if (onPath('umoci'))
    contenders.push({
      title: 'umoci unpack',
      command: ['umoci', 'unpack', '--image', `${layout}:bench:1.0`, place],
      before: () => remove(place),
    })
  printResults('unpack', await runInTurn(contenders, runs, 1))
}

async function listing(folder: string, layout: string): Promise<void> {
  const command = [
    process.execPath,
    program,
    'files',
    layout,
    '--quiet',
    '--store',
    path.join(folder, 'none'),
  ]
  printResults(
    'files',
    await runInTurn(
      [
        { title: 'files, first time', command, before: () => clear(folder) },
        { title: 'files, known', command },
      ],
      runs,
      1,
    ),
  )
}

function clear(folder: string, place?: string): void {
  remove(path.join(folder, 'data'))
  if (place) remove(place)
}

/** The files of the layers of the only image in a layout, from the lowest up. */
function layersOf(layout: string): string[] {
  const blob = (digest: string): string =>
    path.join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length))
  const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
  const manifest = json(blob(json(path.join(layout, 'index.json')).manifests[0].digest))
  return manifest.layers.map(({ digest }: { digest: string }) => blob(digest))
}
