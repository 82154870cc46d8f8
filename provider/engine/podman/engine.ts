import { type Descriptor, option, type Platform, show } from '../../../manifests/index.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { CopyPlan, ImageCollection } from '../../copy/ports.js'
import type { ScratchPlace } from '../../io/files/scratch.js'
import { askedName } from '../client/asked-name.js'
import { sizeByHistory } from '../client/history-sizes.js'
import { type AskOptions, ask } from '../client/program.js'
import { countContainers } from '../port/count-containers.js'
import type { Engine, EngineImage, EngineRemoval, EngineSink } from '../port/engine.js'
import { imageInUse } from '../port/in-use.js'
import { type PodmanImage, podmanImagesOf } from './bound.js'
import { askJson, idOf, imagesOfContainers, podmanImages } from './images.js'
import { LinkSink } from './link-sink.js'
import { LoadSink } from './load-sink.js'
import type { Podman } from './podman.js'
import { savedByPodman } from './saved.js'

/** A podman, asked by itself. */
export class PodmanEngine implements Engine {
  readonly kind = 'podman'
  readonly label: string
  /** What podman was found to lack for a plan; if that changes before it is sent, the sinks notice. */
  private readonly asked = new WeakMap<CopyPlan, PodmanImage[]>()

  constructor(
    private readonly podman: Podman,
    readonly version: string,
    readonly platform: Platform,
    private readonly isRemote: boolean,
    private readonly scratch?: ScratchPlace,
  ) {
    this.label = podman.label
  }

  async images(options: AskOptions = {}): Promise<EngineImage[]> {
    return await podmanImages(this.podman, options)
  }

  async containers(options: AskOptions = {}): Promise<ReadonlyMap<string, number> | undefined> {
    return await countContainers(() => imagesOfContainers(this.podman, options))
  }

  async sizeBelow(
    { id }: EngineImage,
    layers: number,
    options: AskOptions = {},
  ): Promise<number | undefined> {
    const args = ['history', '--no-trunc', '--format', 'json', bare(id)]
    const steps = await askJson<{ size?: number }[]>(this.podman, args, options)
    return sizeByHistory(
      steps.map(({ size = 0 }) => size),
      layers,
    )
  }

  async lacks(plan: CopyPlan, options: AskOptions = {}): Promise<Descriptor[]> {
    const images = await this.planned(plan, options)
    this.asked.set(plan, images)
    const lacking = images.flatMap((image) => image.lacking).map((layer) => [layer.digest, layer] as const)
    return [...new Map(lacking).values()]
  }

  sink(): EngineSink {
    const planned = async (plan: CopyPlan, options: AskOptions & { lacksAll?: boolean }) =>
      (options.lacksAll ? undefined : this.asked.get(plan)) ?? (await this.planned(plan, options))
    return this.isRemote
      ? new LoadSink(this.podman, planned)
      : new LinkSink(this.podman, planned, this.scratch)
  }

  async open(names: string[], options: AskOptions = {}): Promise<ImageCollection> {
    const images = await this.images(options)
    const full = names.map((name) => bare(this.meant(name, images, 'source')))
    return await savedByPodman(this.podman, full, { ...options, scratch: this.scratch })
  }

  async remove(
    name: string,
    { force = false, signal }: { force?: boolean; signal?: AbortSignal } = {},
  ): Promise<EngineRemoval> {
    const options = { signal }
    const images = await this.images(options)
    const full = this.meant(name, images, 'destination')
    const image = images.find(({ id, names }) => id === full || names.includes(full))
    if (image && !force) await this.refuseUsed(image, options)
    const said = await ask(this.podman, ['rmi', ...(force ? ['--force'] : []), bare(full)], options)
    return {
      untagged: lines(said, 'Untagged: '),
      removed: lines(said, 'Deleted: ').flatMap((text) => idOf(text) ?? []),
    }
  }

  async close(): Promise<void> {}

  private async planned(
    plan: CopyPlan,
    { lacksAll = false, ...options }: AskOptions & { lacksAll?: boolean },
  ): Promise<PodmanImage[]> {
    const images = lacksAll ? [] : await this.images(options)
    return podmanImagesOf(plan, this.platform, new Set(images.flatMap(({ diffIds }) => diffIds)))
  }

  /** A name in full, or an id. */
  private meant(name: string, images: EngineImage[], side: 'source' | 'destination'): string {
    const full = askedName(name)
    for (const { id, names, digest } of images) {
      const found = names.find((one) => one === name || one === full)
      if (found) return found
      if (id === name || (digest !== undefined && digest === name)) return id
    }
    throw noSuchImage(this.label, name, {
      side,
      expected: show(name),
      found:
        images
          .flatMap(({ names }) => names)
          .slice(0, 10)
          .join(', ') || 'no images',
    })
  }

  /** podman refuses only at the last name, when the others are already gone. */
  private async refuseUsed({ id }: EngineImage, options: AskOptions): Promise<void> {
    const args = ['ps', '--all', '--external', '--no-trunc', '--format', 'json']
    const containers = await askJson<{ ImageID?: string; Names?: string[] }[]>(this.podman, args, options)
    const users = containers.filter(({ ImageID = '' }) => idOf(ImageID) === id)
    if (users.length === 0) return
    const names = users.flatMap(({ Names }) => Names ?? [])
    throw imageInUse(
      this.label,
      names,
      `Remove these containers first; ${option('force')} removes them too, as podman does.`,
    )
  }
}

function bare(nameOrId: string): string {
  return nameOrId.replace(/^sha256:/, '')
}

function lines(text: string, start: string): string[] {
  const found = text.split('\n').filter((line) => line.startsWith(start))
  return found.map((line) => line.slice(start.length).trim())
}
