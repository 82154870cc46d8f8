import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { growthPlot, type Line } from './growth-plot.js'
import { makeBenchImage } from './made-image.js'
import { measure, optionIn, remove } from './measure.js'

/**
 * What each job takes at a tenth, once and ten times a size, as a table and as a plot of processor time: what is
 * proportional to the size is a straight line. The images consist of the same kind of files, none larger than a tenth
 * of the smallest layer; the sizes that they actually came out with are reported. `--size BYTES` is the middle one,
 * unpacked, default 1.3e8; `--plot FILE` where the plot goes, default docs/growth.svg; `--memory DIR` where the images
 * are.
 */
const args = process.argv.slice(3)
const program = path.resolve('dist/bin/containerimage.js')
const FACTORS = [0.1, 1, 10]

interface Job {
  title: string
  /** Undoes what the last run made. */
  clear?: string
  words: string[]
}

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-bench-'))
  process.env.XDG_DATA_HOME = path.join(folder, 'data')
  try {
    const sizes = FACTORS.map((factor) => factor * Number(optionIn(args, 'size') ?? 1.3e8))
    const lines = new Map<string, Line>()
    const largest = Math.min(...sizes) / 30
    const made: number[] = []
    for (const size of sizes)
      made.push(await measureAt(size, largest, path.join(folder, String(size)), lines))
    printTable(made, [...lines.values()])
    const file = optionIn(args, 'plot') ?? path.join('docs', 'growth.svg')
    writeFileSync(file, growthPlot([...lines.values()]))
    console.log(`plot: ${file}`)
  } finally {
    remove(folder)
  }
}

/** @returns the size of the image, unpacked */
async function measureAt(
  wanted: number,
  largest: number,
  folder: string,
  lines: Map<string, Line>,
): Promise<number> {
  const layout = path.join(folder, 'layout')
  const size = await makeBenchImage(layout, wanted, { largest })
  mkdirSync(path.join(folder, 'media'))
  for (const { title, clear, words } of jobsIn(folder, layout)) {
    if (clear) remove(clear)
    const { processor, peak } = await measure([process.execPath, program, ...words, '--quiet'])
    const line = lines.get(title) ?? { title, points: [] }
    line.points.push({ size, processor, peak })
    lines.set(title, line)
  }
  remove(folder)
  return size
}

/** In an order in which each makes what the next one reads. */
function jobsIn(folder: string, layout: string): Job[] {
  const at = (name: string): string => path.join(folder, name)
  const none = ['--store', at('none')]
  const save = (...words: string[]): string[] => [
    'save',
    'bench',
    '--source',
    layout,
    ...none,
    '--path',
    ...words,
  ]
  return [
    { title: 'save as a tar', words: save(at('image.tar')) },
    { title: 'save as a zip', words: save(at('image.zip')) },
    { title: 'save on a media', words: save(at('media'), '--format', 'media') },
    { title: 'verify of the tar', words: ['verify', at('image.tar')] },
    { title: 'install of the tar', words: ['install', at('image.tar'), '--store', at('store')] },
    { title: 'install of the zip', words: ['install', at('image.zip'), '--store', at('of-zip')] },
    { title: 'install of the media', words: ['install', at('media'), '--store', at('of-media')] },
    { title: 'verify of the store', words: ['verify', '--store', at('store')] },
    { title: 'files', words: ['files', layout, ...none] },
    { title: 'packages', words: ['packages', layout, ...none] },
    { title: 'unpack', clear: at('root'), words: ['unpack', layout, at('root'), ...none] },
  ]
}

function printTable(sizes: readonly number[], lines: readonly Line[]): void {
  console.log(`\n| | ${sizes.map((size) => `${(size / 1e6).toFixed(0)} MB`).join(' | ')} |`)
  console.log(`| --- | ${sizes.map(() => '---').join(' | ')} |`)
  for (const { title, points } of lines) {
    const cells = points.map(
      ({ processor, peak }) => `${processor.toFixed(2)} s, ${(peak / 1e6).toFixed(0)} MB`,
    )
    console.log(`| ${title} | ${cells.join(' | ')} |`)
  }
}
