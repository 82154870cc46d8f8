import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { accepts, ended, unmountBelow } from './engines.js'
import { peer } from './peers.js'

/** A podman with storage of its own, by itself and as a service behind a socket. */
export class TestPodman {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-podman-'))
  readonly socket = path.join(this.folder, 'podman.sock')
  /** What podman needs in its environment to find this storage. */
  readonly environment = { CONTAINERS_STORAGE_CONF: path.join(this.folder, 'storage.conf') }
  private service: ChildProcess | undefined

  /** @param root where its images lie; in its own folder where left out */
  constructor(root = path.join(this.folder, 'root')) {
    writeFileSync(
      this.environment.CONTAINERS_STORAGE_CONF,
      `[storage]\ndriver = "vfs"\ngraphroot = "${root}"\nrunroot = "${path.join(this.folder, 'run')}"\n`,
    )
  }

  async serve(): Promise<this> {
    rmSync(this.socket, { force: true })
    this.service = spawn(
      peer('podman') ?? 'podman',
      ['system', 'service', '--time', '0', `unix://${this.socket}`],
      { stdio: 'ignore', env: { ...process.env, ...this.environment } },
    )
    for (let i = 0; i < 2400; i++) {
      if (await accepts(this.socket)) return this
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('podman does not answer')
  }

  /** Runs podman on this storage; returns what it printed. */
  podman(...args: string[]): string {
    const env = { ...process.env, ...this.environment }
    const result = spawnSync(peer('podman') ?? 'podman', args, { env, maxBuffer: 1 << 28 })
    if (result.status !== 0) throw new Error(`podman ${args.join(' ')}: ${result.stderr}${result.stdout}`)
    return result.stdout.toString('utf8')
  }

  async kill(): Promise<void> {
    const { service } = this
    if (!service || service.exitCode !== null || service.signalCode !== null) return
    const over = new Promise((resolve) => service.once('exit', resolve))
    service.kill('SIGKILL')
    await over
  }

  async stop(): Promise<void> {
    if (this.service) await ended(this.service)
    unmountBelow(this.folder)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
