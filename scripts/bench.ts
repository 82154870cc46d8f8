import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDockerRegistry } from '../test/peers/docker-registry.js'
import { peer } from '../test/peers/peers.js'
import { makeBenchImage } from './bench-image.js'

/**
 * Measures the main job beside its peers, in turn, on this machine: medians of five, with the lowest and the
 * highest. `--memory DIR` and `--disk DIR` choose where; `--size BYTES` and `--runs N` how much.
 */
const program = fileURLToPath(new URL('../bin/containerimage.js', import.meta.url))
const options = readOptions(process.argv.slice(2))

interface Measured {
  seconds: number
  /** Peak of resident memory, in bytes; 0 where the system does not say. */
  peak: number
}

interface Contender {
  title: string
  /** Undoes the last run. */
  before?: () => void
  command: string[]
}

await main()

async function main(): Promise<void> {
  printMachine()
  const shared = mkdtempSync(path.join(options.memory, 'containerimage-bench-'))
  try {
    const layout = options.layout ?? path.join(shared, 'layout')
    if (!existsSync(path.join(layout, 'oci-layout'))) await makeBenchImage(layout, options.size)
    await benchIn(shared, layout, 'memory file system', true)
    if (options.disk !== '') {
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
  const value = (name: string): string | undefined => {
    const at = args.indexOf(`--${name}`)
    return at < 0 ? undefined : args[at + 1]
  }
  return {
    memory: value('memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()),
    disk: value('disk') ?? os.tmpdir(),
    size: Number(value('size') ?? 1.3e9),
    runs: Number(value('runs') ?? 5),
    /** An image made by an earlier run, to save the minute that making it takes. */
    layout: value('layout'),
  }
}

function printMachine(): void {
  const first = (command: string, args: string[]): string =>
    spawnSync(command, args, { encoding: 'utf8' }).stdout?.split('\n')[0] ?? 'absent'
  console.log(`Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? ''}`)
  console.log(
    `${first('skopeo', ['--version'])}; ${first('openssl', ['version'])}; ${first('cp', ['--version'])}`,
  )
}

async function benchIn(folder: string, layout: string, place: string, inMemory: boolean): Promise<void> {
  const registry = await startDockerRegistry({ parent: folder })
  try {
    const reference = `${registry.host}/bench:1.0`
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
      await compare('archive to store, ours syncing, against cp and sync', [
        { title: 'ours', before: () => remove(at('store')), command: install },
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

function remove(place: string): void {
  rmSync(place, { recursive: true, force: true })
}

function must(name: 'skopeo', args: string[]): void {
  mustRun([peer(name) ?? name, ...args])
}

function mustRun([command = '', ...args]: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`)
}

/** Runs the contenders in turn, once unmeasured and then so many times, and prints medians and ratios. */
async function compare(title: string, contenders: Contender[]): Promise<void> {
  const runs = contenders.map((): Measured[] => [])
  for (let round = 0; round <= options.runs; round++)
    for (const [i, contender] of contenders.entries()) {
      contender.before?.()
      const measured = await measure(contender.command)
      if (round > 0) runs[i]?.push(measured)
    }
  console.log(`\n${title}`)
  const ours = median(runs[0]?.map((run) => run.seconds) ?? [])
  for (const [i, contender] of contenders.entries()) {
    const seconds = runs[i]?.map((run) => run.seconds) ?? []
    const peak = Math.max(...(runs[i]?.map((run) => run.peak) ?? [0]))
    const line = `  ${contender.title.padEnd(32)} ${median(seconds).toFixed(3)} s (${Math.min(...seconds).toFixed(3)} to ${Math.max(...seconds).toFixed(3)})`
    const ratio = i === 0 ? '' : `  ours/this ${(ours / median(seconds)).toFixed(2)}`
    console.log(`${line}${peak > 0 ? `  ${(peak / 1e6).toFixed(0)} MB` : ''}${ratio}`)
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function measure([command = '', ...args]: string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint()
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let peak = 0
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, 10)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearInterval(watch)
      const seconds = Number(process.hrtime.bigint() - began) / 1e9
      if (code === 0) resolve({ seconds, peak })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors}`))
    })
  })
}

/** The high-water mark that the kernel keeps of a living process (proc(5), VmHWM). */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
