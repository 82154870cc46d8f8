import { randomBytes } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { install, inventory, keyGenerate, push, type SaveRequest, save } from '../../../provider/index.js'
import { compressedSevenZip } from '../../fixtures/compressed-seven-zip.js'
import { type MadeImage, makeLayout, tarOf } from '../../fixtures/layout.js'
import { makeWim } from '../../fixtures/wim.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { type Docker, startDocker } from '../../peers/engines.js'
import { TestPodman } from '../../peers/podman.js'
import { type MadeKey, makeKey } from '../../provider/encryption/made-keys.js'
import { zipOf } from '../../security/zip-builder.js'

/** One that says that something is wrong with a package. */
export const ADVISORY = {
  schema_version: '1.6.0',
  id: 'TEST-1',
  modified: '2024-01-01T00:00:00Z',
  affected: [{ package: { ecosystem: 'npm', name: 'left-pad' }, versions: ['1.0.0'] }],
}

const VOLUME_BYTES = 1_100_000

/** What the scenarios install and save, each made when it is first asked for. */
export class Inputs {
  private readonly made = new Map<string, Promise<string>>()
  private registry: Promise<DockerRegistry> | undefined
  private podman: TestPodman | undefined
  private docker: Promise<Docker> | undefined
  private advisories: Promise<Server> | undefined
  private recipient: Promise<MadeKey> | undefined
  private names = 0
  private readonly shared = randomBytes(150_000)
  private readonly blocks = Array.from({ length: 20 }, () => randomBytes(30_000))

  constructor(readonly folder: string) {}

  async close(): Promise<void> {
    await Promise.all([(await this.registry)?.stop(), this.podman?.stop(), (await this.docker)?.stop()])
    ;(await this.advisories)?.close()
  }

  /** A layout with `demo` in a version; all versions share a layer. */
  async demo(version: string): Promise<string> {
    return await this.layoutOf(`demo-${version}`, {
      refName: `demo:${version}`,
      layers: [{ files: { shared: this.shared } }, { files: { own: 60_000, version } }],
    })
  }

  /** A layout with an image that fills several volumes. */
  async big(): Promise<string> {
    return await this.layoutOf('big', {
      refName: 'big:1.0',
      layers: [1_500_000, 700_000].map((size) => ({ files: { size }, compression: 'none' as const })),
    })
  }

  /** A layout with `blocks` in a version; of 2.0 a twentieth is new. */
  async blocksOf(version: '1.0' | '2.0'): Promise<string> {
    const blocks = version === '1.0' ? this.blocks : this.blocks.with(7, randomBytes(30_000))
    const files = Object.fromEntries(blocks.map((bytes, i) => [`file${i}`, bytes]))
    return await this.layoutOf(`blocks-${version}`, { refName: `blocks:${version}`, layers: [{ files }] })
  }

  /** `demo` 2.0 in a file or folder of the form that its name and the request ask for. */
  async saved(name: string, request: Partial<SaveRequest> = {}): Promise<string> {
    const layout = await this.demo('2.0')
    return await this.once(name, (to) => save({ names: [layout], path: to, force: true, ...request }))
  }

  async gzipped(): Promise<string> {
    const tar = await this.saved('demo.tar')
    return await this.once('demo.tar.gz', async (to) => writeFileSync(to, gzipSync(readFileSync(tar))))
  }

  /** A zip whose one member, compressed, is an archive. */
  async zipped(): Promise<string> {
    const tar = await this.saved('demo.tar')
    return await this.once('zipped.zip', async (to) => {
      writeFileSync(to, zipOf([{ name: 'demo.tar', bytes: readFileSync(tar), deflate: true }]))
    })
  }

  async compressedSevenZip(): Promise<string> {
    const layout = await this.demo('2.0')
    return await this.once('compressed.7z', (to) => compressedSevenZip(layout, to))
  }

  async rootfs(): Promise<string> {
    return await this.once('rootfs.tar.gz', async (to) => {
      const files = {
        'etc/os-release': 'ID=small\nVERSION_ID=3\n',
        'bin/sh': 40_000,
        'usr/lib/large': 90_000,
      }
      writeFileSync(to, gzipSync(tarOf(files)))
    })
  }

  async wim(): Promise<string> {
    return await this.once('NanoServer.wim', (to) => makeWim(to, { size: 60_000 }))
  }

  /** One that fills two parts of a MB. */
  async largeWim(): Promise<string> {
    return await this.once('Large.wim', (to) => makeWim(to, { name: 'NanoServer', size: 1_200_000 }))
  }

  /** A set of volumes with recovery files. */
  async volumes(): Promise<string> {
    const layout = await this.big()
    return await this.once('volumes', async (to) => {
      mkdirSync(to)
      await save({ names: [layout], path: to, volumeSize: VOLUME_BYTES, recovery: 0.6 })
    })
  }

  /** The same set with damage in its second volume. */
  async damagedVolumes(): Promise<string> {
    const whole = await this.volumes()
    return await this.once('damaged-volumes', async (to) => {
      cpSync(whole, to, { recursive: true })
      damage(volumeIn(to, 2))
    })
  }

  /** The same set without its second volume. */
  async lackingVolumes(): Promise<string> {
    const whole = await this.volumes()
    return await this.once('lacking-volumes', async (to) => {
      cpSync(whole, to, { recursive: true })
      for (const name of readdirSync(to))
        if (name.includes('vol2of') || name.endsWith('.par2')) rmSync(path.join(to, name))
    })
  }

  /** What a host with `demo` 1.0 has. */
  async inventory(): Promise<string> {
    return await this.inventoryOf('demo', await this.demo('1.0'))
  }

  async inventoryOfBlocks(): Promise<string> {
    return await this.inventoryOf('blocks', await this.blocksOf('1.0'))
  }

  /** A media with what 2.0 has beyond 1.0. */
  async delta(): Promise<string> {
    const base = await this.inventory()
    return await this.saved('delta', { format: 'media', base: [base] })
  }

  /** An archive with what the layer of 2.0 has beyond that of 1.0. */
  async deltaOfBlocks(): Promise<string> {
    const [older, newer] = [await this.blocksOf('1.0'), await this.blocksOf('2.0')]
    const base = await this.inventoryOfBlocks()
    return await this.once('blocks.tar', async (to) => {
      const store = `${to}.store`
      await install({ targets: [older], store })
      await save({ names: [newer], path: to, base: [base], delta: 'blocks', store })
    })
  }

  /** A repository of a registry on this machine, with `demo` 2.0. */
  async pushed(): Promise<string> {
    const [layout, host] = [await this.demo('2.0'), await this.host()]
    await this.once('pushed', () => push({ names: [layout], registry: `${host}/pushed`, noLatest: true }))
    return `${host}/pushed/demo`
  }

  /** A place in that registry that nobody has pushed to. */
  async newPlace(): Promise<string> {
    return `${await this.host()}/${this.newName()}`
  }

  /** An address where a publisher offers one advisory. */
  async publishedAdvisory(): Promise<string> {
    this.advisories ??= new Promise((resolve) => {
      const server = createServer((_, response) => response.end(JSON.stringify(ADVISORY)))
      server.listen(0, '127.0.0.1', () => resolve(server))
    })
    const { port } = (await this.advisories).address() as AddressInfo
    return `http://127.0.0.1:${port}/${ADVISORY.id}.json`
  }

  /** A secret key without a passphrase; its public one is beside it, as `.pub`. */
  async key(): Promise<string> {
    return await this.once('site.key', (to) => keyGenerate({ path: to, noPassphrase: true }))
  }

  /** Whom something can be encrypted for. */
  async identity(): Promise<MadeKey> {
    this.recipient ??= makeKey(this.folder, 'identity')
    return await this.recipient
  }

  /** A media with `demo` 2.0, signed with that key. */
  async signedMedia(): Promise<string> {
    return await this.saved('signed', { format: 'media', sign: [await this.key()] })
  }

  newName(): string {
    return `run-${++this.names}`
  }

  /** What makes podman use a storage of its own. */
  podmanEnvironment(): NodeJS.ProcessEnv {
    this.podman ??= new TestPodman()
    return this.podman.environment
  }

  /** The socket of a dockerd of our own. */
  async dockerSocket(): Promise<string> {
    this.docker ??= startDocker()
    return (await this.docker).socket
  }

  async host(): Promise<string> {
    this.registry ??= startDockerRegistry({ parent: this.folder })
    return (await this.registry).host
  }

  private async inventoryOf(name: string, layout: string): Promise<string> {
    return await this.once(`${name}.json`, async (to) => {
      const store = `${to}.store`
      await install({ targets: [layout], store })
      await inventory({ store, path: to })
    })
  }

  private async layoutOf(name: string, image: MadeImage): Promise<string> {
    return await this.once(name, async (to) => makeLayout(to, [image]))
  }

  private once(name: string, make: (to: string) => Promise<unknown>): Promise<string> {
    const to = path.join(this.folder, name)
    const made = this.made.get(name) ?? make(to).then(() => to)
    this.made.set(name, made)
    return made
  }
}

/** A volume of a set by its number from 1. */
export function volumeIn(folder: string, number: number): string {
  const name = readdirSync(folder).find((one) => one.includes(`vol${number}of`) && one.endsWith('.tar'))
  return path.join(folder, name ?? '')
}

/** Overwrites some bytes within a file. */
function damage(file: string): void {
  writeSync(openSync(file, 'r+'), Buffer.alloc(2000, 'X'), 0, 2000, 700_000)
}
