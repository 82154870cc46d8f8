import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { accepts, ended, unmountBelow } from './engines.js'
import { peer } from './peers.js'

/** A containerd of our own, in a folder of its own, that can be killed and started again. */
export class TestContainerd {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-containerd-'))
  readonly address = path.join(this.folder, 'containerd.sock')
  private daemon: ChildProcess | undefined

  /** @param root where its content lies; in its own folder where left out */
  constructor(private readonly root = path.join(this.folder, 'root')) {
    mkdirSync(this.root, { recursive: true })
    writeFileSync(
      this.config,
      [
        'version = 2',
        `root = "${this.root}"`,
        `state = "${path.join(this.folder, 'state')}"`,
        'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
        '[grpc]',
        `  address = "${this.address}"`,
      ].join('\n'),
    )
  }

  async start(): Promise<this> {
    const program = peer('containerd') ?? 'containerd'
    this.daemon = spawn(program, ['--config', this.config], { stdio: ['ignore', 'ignore', 'ignore'] })
    for (let i = 0; i < 1200; i++) {
      if (this.daemon.exitCode !== null) throw new Error(`containerd ended with ${this.daemon.exitCode}`)
      if (await accepts(this.address)) return this
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('containerd does not answer')
  }

  /** Runs its client; returns what it printed. */
  ctr(...args: string[]): string {
    const result = spawnSync(peer('ctr') ?? 'ctr', ['-a', this.address, ...args], { maxBuffer: 1 << 26 })
    if (result.status !== 0) throw new Error(`ctr ${args.join(' ')}: ${result.stderr}${result.stdout}`)
    return result.stdout.toString('utf8')
  }

  /** SIGKILL: the socket's file stays. */
  async kill(): Promise<void> {
    const { daemon } = this
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return
    const over = new Promise((resolve) => daemon.once('exit', resolve))
    daemon.kill('SIGKILL')
    await over
  }

  async stop(): Promise<void> {
    if (this.daemon) await ended(this.daemon)
    unmountBelow(this.folder)
    rmSync(this.folder, { recursive: true, force: true })
  }

  private get config(): string {
    return path.join(this.folder, 'config.toml')
  }
}
