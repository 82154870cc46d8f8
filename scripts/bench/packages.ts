import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { debianRootfs } from '../../test/fixtures/debian.js'
import { peer } from '../../test/peers/peers.js'
import { makeBenchImage } from './made-image.js'
import { type Contender, mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * The packages of a Debian image as an SBOM, and of an image of many files, alongside trivy: the first time, and once
 * the layers have been read before. `--size BYTES` is the second image's, unpacked; `--layout DIR` is one made before;
 * `--runs N`, default 5; `--memory DIR` chooses where.
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
    const rootfs = path.join(folder, 'debian.tar.gz')
    const debian = path.join(folder, 'debian.tar')
    mustRun(['sh', '-c', `gzip -c ${await debianRootfs()} > ${rootfs}`])
    mustRun([process.execPath, program, 'save', rootfs, '--path', debian, '--quiet'])
    await listing(folder, 'a Debian', debian)
    const layout = optionIn(args, 'layout') ?? path.join(folder, 'layout')
    if (!existsSync(path.join(layout, 'oci-layout')))
      await makeBenchImage(layout, Number(optionIn(args, 'size') ?? 1.3e9))
    await listing(folder, 'an image of many files', layout)
  } finally {
    remove(folder)
  }
}

async function listing(folder: string, title: string, image: string): Promise<void> {
  const data = path.join(folder, 'data')
  const output = path.join(folder, 'ours.json')
  const ours = [process.execPath, program, 'packages', image, '--sbom', 'cyclonedx', '--output', output]
  const command = [...ours, '--force', '--quiet', '--store', path.join(folder, 'none')]
  const contenders: Contender[] = [
    { title: 'packages, first time', command, before: () => remove(data) },
    { title: 'packages, its layers known', command },
  ]
  const trivy = peer('trivy')
  if (trivy) contenders.push(beside(trivy, folder, image))
  printResults(title, await runInTurn(contenders, runs, 1))
}

/** It would download a database for the contents of Java archives, and reads none of these without it; ours does. */
const WITHOUT_NETWORK = ['--quiet', '--offline-scan', '--skip-files', '**/*.jar']

function beside(trivy: string, folder: string, image: string): Contender {
  const cache = path.join(folder, 'trivy')
  const output = ['--format', 'cyclonedx', '--output', path.join(folder, 'theirs.json')]
  return {
    title: 'trivy image',
    command: [trivy, 'image', '--input', image, ...output, ...WITHOUT_NETWORK, '--cache-dir', cache],
    before: () => remove(cache),
  }
}
