import {
  type ContainerImageError,
  type Descriptor,
  type Digest,
  option,
  type Platform,
  show,
} from '../../../manifests/index.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { CopyPlan, ImageCollection } from '../../copy/ports.js'
import type { AskOptions } from '../client/program.js'
import { ask } from '../client/program.js'
import { reach } from '../client/reach.js'
import { countContainers } from '../port/count-containers.js'
import type { Engine, EngineImage, EngineRemoval, EngineSink, EngineSinkOptions } from '../port/engine.js'
import { imageInUse } from '../port/in-use.js'
import { engineBound } from '../port/planned.js'
import { inventory } from './content.js'
import type { Ctr } from './ctr.js'
import { imagesOfContainers, isTagged, listed, manifestOf, type Resolved, resolveAll } from './images.js'
import { ContainerdSink } from './sink.js'
import { contentSource } from './source.js'

/** A containerd, asked by its own client. */
export class Containerd implements Engine {
  readonly kind = 'containerd'
  readonly label: string

  constructor(
    private readonly ctr: Ctr,
    readonly version: string,
    readonly platform: Platform,
  ) {
    this.label = ctr.label
  }

  async images(options: AskOptions = {}): Promise<EngineImage[]> {
    return listed(await this.resolved(options))
  }

  async containers(options: AskOptions = {}): Promise<ReadonlyMap<string, number> | undefined> {
    return await countContainers(() => imagesOfContainers(this.ctr, options))
  }

  async sizeBelow(
    { digest }: EngineImage,
    layers: number,
    options: AskOptions = {},
  ): Promise<number | undefined> {
    const found = digest ? await manifestOf(this.ctr, digest, this.platform, options) : undefined
    return found?.layers.slice(0, layers).reduce((sum, { size }) => sum + size, 0)
  }

  async lacks(plan: CopyPlan, options: AskOptions = {}): Promise<Descriptor[]> {
    const there = await inventory(this.ctr, options)
    const wanted = new Map(
      engineBound(plan)
        .flatMap(({ planned }) => reach(plan, planned.root))
        .map((descriptor) => [descriptor.digest, descriptor]),
    )
    return [...wanted.values()].filter((one) => !plan.documents.has(one.digest) && !there.has(one))
  }

  sink(options: EngineSinkOptions = {}): EngineSink {
    return new ContainerdSink(this.ctr, options)
  }

  async open(names: string[], options: AskOptions = {}): Promise<ImageCollection> {
    return await contentSource(this.ctr, await this.resolved(options), names, options)
  }

  async remove(
    name: string,
    { force = false, signal }: { force?: boolean; signal?: AbortSignal } = {},
  ): Promise<EngineRemoval> {
    const options = { signal }
    const all = await this.resolved(options)
    const meant = all.filter(({ reference, image }) => reference.name === name || image.id === name)
    if (meant.length === 0) throw this.unknown(name)
    const ids = new Set(meant.map(({ image }) => image.id))
    if (!force) await this.refuseUsed(all, ids, options)
    const going = [...meant, ...alone(all, meant)]
    await ask(this.ctr, ['images', 'rm', '--sync', ...going.map(({ reference }) => reference.name)], options)
    const left = new Set(all.filter((one) => !going.includes(one)).map(({ image }) => image.id))
    return {
      untagged: meant.filter(({ reference }) => isTagged(reference)).map(({ reference }) => reference.name),
      removed: [...ids].filter((id) => !left.has(id)),
    }
  }

  async close(): Promise<void> {}

  private async resolved(options: AskOptions): Promise<Resolved[]> {
    return await resolveAll(this.ctr, this.platform, options)
  }

  /** containerd itself would pull the image out from under a container. */
  private async refuseUsed(all: Resolved[], ids: Set<Digest>, options: AskOptions): Promise<void> {
    const lines = (await ask(this.ctr, ['containers', 'ls'], options)).trimEnd().split('\n').slice(1)
    const names = new Set(all.filter(({ image }) => ids.has(image.id)).map(({ reference }) => reference.name))
    const users = lines
      .map((line) => line.split(/\s+/))
      .filter(([, image = '']) => names.has(image) || ids.has(image as Digest))
      .flatMap(([container]) => container ?? [])
    if (users.length === 0) return
    throw imageInUse(this.label, users, `Remove these containers first, or use ${option('force')}.`)
  }

  private unknown(name: string): ContainerImageError {
    return noSuchImage(this.label, name, {
      side: 'destination',
      expected: show(name),
      found: 'no such name',
    })
  }
}

/** The names by digest or id of images that lose their last tag. */
function alone(all: Resolved[], meant: Resolved[]): Resolved[] {
  const rest = all.filter((one) => !meant.includes(one))
  const tagged = new Set(rest.filter(({ reference }) => isTagged(reference)).map(({ image }) => image.id))
  const ids = new Set(meant.map(({ image }) => image.id).filter((id) => !tagged.has(id)))
  return rest.filter(({ image }) => ids.has(image.id))
}
