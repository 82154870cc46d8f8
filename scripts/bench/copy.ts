import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDockerRegistry } from '../../test/peers/docker-registry.js'
import { peer } from '../../test/peers/peers.js'
import { makeBenchImage } from './made-image.js'
import { type Contender, mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * Measures the main job alongside its peers, in turn, on this machine: medians of five, with the lowest and the
 * highest. `--memory DIR` and `--disk DIR` choose where; `--size BYTES` and `--runs N` how much. With
 * `--plain` the layers are not compressed, so that there is nothing to unpack; `--only memory|disk` does a half of it.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const options = readOptions(process.argv.slice(3))

export async function run(): Promise<void> {
  const shared = mkdtempSync(path.join(options.memory, 'containerimage-bench-'))
  try {
    const layout = options.layout ?? path.join(shared, 'layout')
    if (!existsSync(path.join(layout, 'oci-layout')))
      await makeBenchImage(layout, options.size, { isPlain: options.isPlain })
    if (options.only !== 'disk') await benchIn(shared, layout, 'memory file system', true)
    if (options.disk !== '' && options.only !== 'memory') {
      const onDisk = mkdtempSync(path.join(options.disk, 'containerimage-bench-'))
      try {
        await benchIn(onDisk, layout, 'disk', false)
      } finally {
        rmSync(onDisk, { recursive: true, force: true })
      }
    }
  } finally {
    rmSync(shared, { recursive: true, force: true })
  }
}

function readOptions(args: string[]) {
  const value = (name: string): string | undefined => optionIn(args, name)
  return {
    memory: value('memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()),
    disk: value('disk') ?? os.tmpdir(),
    size: Number(value('size') ?? 1.3e9),
    runs: Number(value('runs') ?? 5),
    /** An image made by an earlier run, to save the minute that making it takes. */
    layout: value('layout'),
    isPlain: args.includes('--plain'),
    only: value('only'),
  }
}

async function benchIn(folder: string, layout: string, place: string, inMemory: boolean): Promise<void> {
  const registry = await startDockerRegistry({ parent: folder })
  try {
    const reference = `${registry.host}/bench:1.0`
    // skopeo compresses what it pushes.
    if (options.isPlain) mustRun([process.execPath, program, 'push', layout, registry.host, '--quiet'])
    else
      must('skopeo', [
        'copy',
        '-q',
        '--dest-tls-verify=false',
        `oci:${layout}:bench:1.0`,
        `docker://${reference}`,
      ])
    const at = (name: string): string => path.join(folder, name)
    console.log(`\n## ${place}`)
    const ours = (...args: string[]): string[] => [process.execPath, program, ...args, '--quiet']
    const save = ours('save', reference, '--path', at('ours.tar'))
    const install = ours('install', at('kept.tar'), '--store', at('store'))
    mustRun(ours('save', reference, '--path', at('kept.tar')))
    must('skopeo', [
      'copy',
      '-q',
      `oci:${layout}:bench:1.0`,
      `oci-archive:${at('kept-skopeo.tar')}:bench:1.0`,
    ])
    console.log(`archive ${(statSync(at('kept.tar')).size / 1e6).toFixed(0)} MB`)

    if (!inMemory) {
      const copied = `cp ${at('kept.tar')} ${at('cp.tar')} && sync -f ${at('cp.tar')}`
      await compare('archive to store, ours syncing, against cp and sync', [
        { title: 'ours', before: () => remove(at('store')), command: install },
        {
          title: 'cp; sync -f; unpacked and hashed',
          before: () => remove(at('cp.tar')),
          command: ['sh', '-c', `${copied} && ${unpackedAndHashed(layout)}`],
        },
        {
          title: 'cp; sync -f',
          before: () => remove(at('cp.tar')),
          command: ['sh', '-c', `cp ${at('kept.tar')} ${at('cp.tar')} && sync -f ${at('cp.tar')}`],
        },
      ])
      await compare('registry to archive, ours syncing, against cp and sync', [
        { title: 'ours', before: () => remove(at('ours.tar')), command: save },
        {
          title: 'cp; sync -f',
          before: () => remove(at('cp.tar')),
          command: ['sh', '-c', `cp ${at('kept.tar')} ${at('cp.tar')} && sync -f ${at('cp.tar')}`],
        },
      ])
      return
    }
    const fromRegistry = ['skopeo', 'copy', '-q', '--src-tls-verify=false', `docker://${reference}`]
    await compare('registry to archive', [
      { title: 'ours', before: () => remove(at('ours.tar')), command: save },
      {
        title: 'skopeo copy to oci-archive:',
        before: () => remove(at('skopeo.tar')),
        command: [...fromRegistry, `oci-archive:${at('skopeo.tar')}:bench:1.0`],
      },
      {
        title: 'skopeo copy to oci:',
        before: () => remove(at('skopeo')),
        command: [...fromRegistry, `oci:${at('skopeo')}:bench:1.0`],
      },
    ])
    await compare('archive to store', [
      { title: 'ours', before: () => remove(at('store')), command: install },
      {
        title: 'skopeo copy oci-archive: oci:',
        before: () => remove(at('skopeo')),
        command: [
          'skopeo',
          'copy',
          '-q',
          `oci-archive:${at('kept-skopeo.tar')}:bench:1.0`,
          `oci:${at('skopeo')}:bench:1.0`,
        ],
      },
      {
        title: 'openssl dgst; cp',
        before: () => remove(at('cp.tar')),
        command: [
          'sh',
          '-c',
          `openssl dgst -sha256 ${at('kept.tar')} && cp ${at('kept.tar')} ${at('cp.tar')}`,
        ],
      },
    ])
    await compare('from the store into an archive', [
      {
        title: 'ours',
        before: () => remove(at('ours.tar')),
        command: ours('save', 'bench', '--store', at('store'), '--path', at('ours.tar')),
      },
      {
        title: 'skopeo copy oci: oci-archive:',
        before: () => remove(at('skopeo.tar')),
        command: [
          'skopeo',
          'copy',
          '-q',
          `oci:${layout}:bench:1.0`,
          `oci-archive:${at('skopeo.tar')}:bench:1.0`,
        ],
      },
    ])
    await compare('verify the store', [
      { title: 'ours', command: ours('verify', '--store', at('store')) },
      { title: 'openssl dgst', command: ['openssl', 'dgst', '-sha256', at('kept.tar')] },
    ])
    await compare('start-up', [
      { title: 'containerimage --version', command: [process.execPath, program, '--version'] },
      { title: 'node -e 0', command: [process.execPath, '-e', '0'] },
    ])
  } finally {
    await registry.stop()
  }
}

/** What else an install does: each blob is hashed as it is, and each layer unpacked, to compare its diff id. */
function unpackedAndHashed(layout: string): string {
  const blobs = path.join(layout, 'blobs', 'sha256')
  const unpack = options.isPlain ? '' : `&& gzip -dc "$one" | openssl dgst -sha256`
  return `find ${blobs} -size +1M | while read one; do openssl dgst -sha256 "$one" ${unpack}; done`
}

function must(name: 'skopeo', args: string[]): void {
  mustRun([peer(name) ?? name, ...args])
}

/** Once without measuring, then as many times as requested. */
async function compare(title: string, contenders: Contender[]): Promise<void> {
  printResults(title, await runInTurn(contenders, options.runs, 1))
}
