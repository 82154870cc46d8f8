import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { peer } from './peers.js'

/** A dockerd of our own, with its containerd, in a folder of its own. */
export interface Docker {
  socket: string
  /** Ends it as a crash would; `start` brings it back with all that it had. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Runs the client; returns what it printed. */
  docker(...args: string[]): string
  /** Runs `ctr` against the containerd that dockerd brought. */
  ctr(...args: string[]): string
  stop(): Promise<void>
}

export interface DockerOptions {
  /** Where it keeps images; a folder beside its socket where left out. */
  dataRoot?: string
  driver?: 'vfs' | 'overlay2'
  /** Further parameters of dockerd. */
  more?: string[]
}

/** Starts dockerd without networks, as it runs by hand and as root. */
export async function startDocker({
  dataRoot,
  driver = 'vfs',
  more = [],
}: DockerOptions = {}): Promise<Docker> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-dockerd-'))
  const socket = path.join(folder, 'docker.sock')
  const containerd = path.join(folder, 'exec', 'containerd', 'containerd.sock')
  const parameters = [
    '--iptables=false',
    '--ip6tables=false',
    '--bridge=none',
    `--storage-driver=${driver}`,
    '--data-root',
    dataRoot ?? path.join(folder, 'data'),
    '--exec-root',
    path.join(folder, 'exec'),
    '-H',
    `unix://${socket}`,
    '--pidfile',
    path.join(folder, 'pid'),
    ...more,
  ]
  let log = ''
  let daemon: ChildProcess
  const start = async (): Promise<void> => {
    daemon = spawn(peer('dockerd') ?? 'dockerd', parameters, { stdio: ['ignore', 'ignore', 'pipe'] })
    daemon.stderr?.on('data', (chunk: Buffer) => {
      const lines = chunk.toString('utf8').split('\n')
      log = (log + lines.filter((line) => /level=(error|fatal)/.test(line)).join('\n')).slice(-4000)
    })
    try {
      await answers(socket, daemon)
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${log}`)
    }
  }
  await start()
  const run = (program: string, args: string[]): string => {
    const result = spawnSync(program, args, { maxBuffer: 1 << 26 })
    if (result.status !== 0)
      throw new Error(`${program} ${args.join(' ')}: ${result.stderr}${result.stdout}\n${log}`)
    return result.stdout.toString('utf8')
  }
  return {
    socket,
    start,
    async kill() {
      const over = new Promise((resolve) => daemon.once('exit', resolve))
      daemon.kill('SIGKILL')
      await over
      // Its containerd dies with it; where nothing reaps the process, dockerd takes it for alive.
      rmSync(path.join(folder, 'exec', 'containerd', 'containerd.pid'), { force: true })
    },
    docker: (...args) => run(peer('docker') ?? 'docker', ['-H', `unix://${socket}`, ...args]),
    ctr: (...args) => run(peer('ctr') ?? 'ctr', ['-a', containerd, ...args]),
    async stop() {
      await ended(daemon)
      unmountBelow(folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(socket: string, daemon: ChildProcess): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`)
    if (await accepts(socket)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('dockerd does not answer')
}

export function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket)
    connection.on('connect', () => {
      connection.end()
      resolve(true)
    })
    connection.on('error', () => resolve(false))
  })
}

export async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const over = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill('SIGTERM')
  const late = setTimeout(() => daemon.kill('SIGKILL'), 15_000)
  await over
  clearTimeout(late)
}

/** dockerd leaves mounts of its namespaces behind, which would keep the folder. */
export function unmountBelow(folder: string): void {
  const mounts = spawnSync('cat', ['/proc/mounts']).stdout.toString('utf8')
  for (const line of mounts.split('\n')) {
    const place = line.split(' ')[1]
    if (place?.startsWith(folder)) spawnSync('umount', ['-l', place])
  }
}
