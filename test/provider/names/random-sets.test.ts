import path from 'node:path'
import { expect } from 'chai'
import { get, install, load, pull, push, save, tag, uninstall, untag } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { type Docker, startDocker } from '../../peers/engines.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { startServing } from '../serve/serving.js'
import { lineOf, NamesModel, type PoolImage, repositoryOf } from './model/names-model.js'
import { Random } from './model/random.js'

/** `NAMES_SEEDS=7,8,14` tries these; a failure says its seed. */
const SEEDS = (process.env.NAMES_SEEDS ?? '1,2,3,7,8,24').split(',').map(Number)
const STEPS = Number(process.env.NAMES_STEPS ?? 12)

/** Same last parts, same last two parts, one that is the end of another. */
const REPOSITORIES = [
  'redis',
  'opstree/redis',
  'quay.io/opstree/redis',
  'registry.site:5000/opstree/redis',
  'registry.site:5000/base/redis_x',
]
/** Without `latest`, which goes to another version when its own is uninstalled. */
const TAGS = ['7', '7.1', 'stable']
const POOL = [0, 1, 2, 3, 4, 5].map((number) => ({
  number,
  architecture: number % 3 === 2 ? 'arm64' : 'amd64',
}))

interface Image extends PoolImage {
  number: number
}

describeWithPeers(['docker-registry', 'docker', 'dockerd'], 'names of random sets of images', function () {
  this.timeout(20 * 60_000)
  const temporary = scratch()
  let registry: DockerRegistry
  let engine: Docker
  let pool: Image[]

  before(async () => {
    registry = await startDockerRegistry()
    engine = await startDocker()
    const folder = temporary.folder()
    pool = POOL.map(({ number, architecture }) => {
      const [root] = makeLayout(path.join(folder, 'pool'), [made(number, architecture)])
      return { number, architecture, digest: root?.digest ?? '' }
    })
  })
  after(async () => {
    await engine?.stop()
    await registry?.stop()
    temporary.remove()
  })

  function made(number: number, architecture: string, refName?: string) {
    const files = { [`f${number}`]: `content of ${number}` }
    return { ...(refName ? { refName } : {}), platform: { os: 'linux', architecture }, layers: [{ files }] }
  }

  for (const seed of SEEDS)
    it(`are what a model says, from seed ${seed}`, async () => {
      const run = new Run(new Random(seed), temporary.folder(), pool, made)
      await run.telling(async () => {
        for (let step = 0; step < STEPS; step++) await run.step()
        await run.carried()
        await run.served()
        await run.pushed(`${registry.host}/s${seed}`)
        await run.loaded(engine)
      })
    })
})

/** One sequence of steps, with the model beside it; each of them compares the store with the model. */
class Run {
  private readonly model = new NamesModel()
  private readonly store: string
  private readonly log: string[] = []
  private count = 0

  constructor(
    private readonly random: Random,
    private readonly folder: string,
    private readonly pool: Image[],
    private readonly made: (number: number, architecture: string, refName?: string) => never | object,
  ) {
    this.store = path.join(folder, 'store')
  }

  /** A failure says what was done before it. */
  async telling(work: () => Promise<void>): Promise<void> {
    await work().catch((error: Error) => {
      error.message += ` ${this.told()}`
      throw error
    })
  }

  async step(): Promise<void> {
    const names = this.model.allNames()
    const steps = [() => this.install(), () => this.install()]
    if (names.length > 0)
      steps.push(
        () => this.tag(),
        () => this.take(),
        () => this.uninstall(),
        () => this.throughArchive(),
      )
    await this.random.one(steps)()
    await this.compare(this.store, this.model.lines())
  }

  private async install(): Promise<void> {
    const entries = this.random.some(this.pool, 4).map((image) => ({ image, name: this.anyName() }))
    const format = this.random.one(['folder', 'oci-archive', 'docker-archive', 'zip'] as const)
    this.log.push(
      `install ${format} ${entries.map(({ image, name }) => `${image.number}=${name}`).join(' ')}`,
    )
    const layout = this.place('layout')
    makeLayout(
      layout,
      entries.map(({ image, name }) => this.made(image.number, image.architecture, name) as never),
    )
    const isRefused = entries.some(({ image, name }, i) =>
      entries.slice(0, i).some((other) => other.name === name && other.image.digest !== image.digest),
    )
    if (isRefused) return
    let target = layout
    if (format !== 'folder') {
      target = `${layout}${format === 'zip' ? '.zip' : '.tar'}`
      await save({ names: [layout], path: target, format, store: this.store })
    }
    await install({ targets: [target], store: this.store, noLatest: true })
    for (const { image, name } of entries) this.model.put(name, image)
  }

  private anyName(): string {
    return `${this.random.one(REPOSITORIES)}:${this.random.one(TAGS)}`
  }

  private async tag(): Promise<void> {
    const [from, to] = [this.random.one(this.model.allNames()), this.anyName()]
    this.log.push(`tag ${from} ${to}`)
    await tag({ from, to, store: this.store })
    if (from !== to) this.model.tag(from, to)
  }

  private async take(): Promise<void> {
    const name = this.random.one(this.model.allNames())
    const how = this.random.one([uninstall, untag])
    this.log.push(`${how.name} ${name}`)
    await how({ name, store: this.store, force: true })
    this.model.take(name)
  }

  private async uninstall(): Promise<void> {
    const installed = this.random.one(this.model.installations())
    this.log.push(`uninstall package ${installed}`)
    const [name, version] = [repositoryOf(installed), installed.slice(repositoryOf(installed).length + 1)]
    await uninstall({ name, version, allVersions: true, force: true, store: this.store })
    this.model.uninstall(installed)
  }

  /** Out of the store into a file, and into another store: the name means the same image, and no other does. */
  private async throughArchive(): Promise<void> {
    const name = this.random.one(this.model.allNames())
    const file = `${this.place('saved')}.tar`
    this.log.push(`save ${name}`)
    const platform = `linux/${this.random.one([...this.model.machinesOf(name).keys()])}`
    await save({ names: [name], source: this.store, path: file, store: this.store, platform })
    const other = this.place('other')
    await install({ targets: [file], store: other, noLatest: true })
    const rows = await linesOf(other)
    const digest = this.model.machinesOf(name).get(platform.slice('linux/'.length)) ?? ''
    expect(rows).to.include(lineOf(name, platform.slice('linux/'.length), digest))
    expect(this.model.lines()).to.include.members(rows)
  }

  /** Everything on a stick and into a store of another host. */
  async carried(): Promise<void> {
    const media = this.place('media')
    for (const name of this.model.allNames())
      for (const machine of this.model.machinesOf(name).keys())
        await save({
          names: [name],
          source: this.store,
          path: media,
          format: 'media',
          platform: `linux/${machine}`,
          store: this.store,
          force: true,
        })
    if (this.model.allNames().length === 0) return
    const other = this.place('other')
    await install({ targets: [media], store: other, noLatest: true, allPlatforms: true })
    await this.compare(other, this.model.lines())
  }

  /** Every name by itself, and no repository that nobody has. */
  async served(): Promise<void> {
    const names = this.model.allNames()
    if (names.length === 0) return
    const serving = await startServing({ store: this.store })
    try {
      for (const name of names) {
        const machines = [...this.model.machinesOf(name).values()]
        const found = await digestServed(serving.url, name)
        expect(found, `${name}`).to.satisfy(
          (digest: string) =>
            machines.includes(digest) || (machines.length > 1 && digest.startsWith('sha256:')),
        )
      }
      for (const name of ['other/redis:7', 'ghcr.io/opstree/redis:7', 'library/opstree/redis:7', 'redis:9'])
        expect(await digestServed(serving.url, name), `${name}`).to.equal('404')
    } finally {
      await serving.stop()
    }
  }

  /** Each to a registry, and from there into another store. */
  async pushed(prefix: string): Promise<void> {
    for (const name of this.model.allNames()) {
      const machines = this.model.machinesOf(name)
      if (machines.size > 1) continue
      const at = `${prefix}/${repositoryOf(name).replace(/[.:]/g, '-')}:${name.split(':').at(-1)}`
      await push({ names: [name], registry: at, store: this.store })
      const other = this.place('other')
      const [architecture = ''] = machines.keys()
      await pull({ references: [at], store: other, platform: `linux/${architecture}` })
      const rows = await get({ store: other })
      expect(
        rows.map(({ digest }) => digest),
        at,
      ).to.deep.equal([...machines.values()])
    }
  }

  /** All names of one machine at once; each means the config of its image there. */
  async loaded(engine: Docker): Promise<void> {
    const names = this.model.allNames().filter((name) => this.model.machinesOf(name).size === 1)
    if (names.length === 0) return
    const { images } = await load({
      names,
      engine: 'docker',
      engineAddress: engine.socket,
      store: this.store,
      noLatest: true,
    })
    const rows = await get({ store: this.store })
    for (const name of names) {
      const id = rows.find((row) => `${row.repository}:${row.tag}` === name)?.id
      expect(engine.docker('image', 'inspect', '--format', '{{.Id}}', name).trim()).to.equal(id)
    }
    expect(
      images.flatMap(({ tags }) => tags),
      this.told(),
    ).to.have.length(names.length)
  }

  private async compare(store: string, expected: string[]): Promise<void> {
    expect(await linesOf(store)).to.deep.equal(expected)
  }

  private place(name: string): string {
    return path.join(this.folder, `${name}-${++this.count}`)
  }

  private told(): string {
    return `after\n${this.log.join('\n')}\n`
  }
}

async function linesOf(store: string): Promise<string[]> {
  const rows = await get({ store })
  return rows.map((row) => lineOf(`${row.repository}:${row.tag}`, row.architecture, row.digest)).sort()
}

/** The digest that a registry gives for a name, or its status. */
async function digestServed(url: string, name: string): Promise<string> {
  const [whole, tagged] = [repositoryOf(name), name.split(':').at(-1)]
  // A port cannot stand in a path: clients name the registry beside it.
  const [, host, repository] = /^([^/]+:\d+)\/(.*)/.exec(whole) ?? [undefined, undefined, whole]
  const namespace = host === undefined ? '' : `?ns=${encodeURIComponent(host)}`
  const answer = await fetch(`${url}/v2/${repository}/manifests/${tagged}${namespace}`, {
    headers: { accept: '*/*' },
  })
  await answer.arrayBuffer()
  return answer.ok ? (answer.headers.get('docker-content-digest') ?? '') : String(answer.status)
}
