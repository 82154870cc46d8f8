import { stat } from 'node:fs/promises'
import {
  ANNOTATIONS,
  ContainerImageError,
  command,
  type Descriptor,
  type Digest,
  hasCode,
  present,
} from '../../../manifests/index.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type {
  ImageCollection,
  LayerMaker,
  LayerWork,
  MadeLayer,
  NamedImage,
  OfferedImage,
} from '../../copy/ports.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { readRange } from '../../io/files/read-range.js'
import type { OnProgress } from '../../io/progress.js'
import { type ChosenOfWim, chooseImages, hasSeveral, type PlacedImage } from './layer/choose-images.js'
import { type LayerContents, layerContents, type PlacedTree } from './layer/contents.js'
import { layerDocuments, type MadeDocument } from './layer/documents.js'
import { type LayerFacts, layerFacts, type Wishes } from './layer/facts.js'
import { layerIdentity } from './layer/identity.js'
import { readOsRelease } from './layer/os-release.js'
import { LayerPlan, workersFor } from './layer/write-layer.js'
import { DecodePool } from './read/decode-pool.js'
import type { WimImageInfo } from './read/image-info.js'
import type { WimTree } from './read/metadata.js'
import type { UnitDecoder } from './read/unit-decoder.js'
import { openWim, readTree, type Wim } from './read/wim.js'

export interface WimOptions extends Wishes {
  /** Index from 1, or name, of the image to take. */
  index?: string
  /** Files in which the other parts of a split WIM, and what a delta lacks, are looked for. */
  beside?: readonly string[]
  /** Told of each of those that turns out to be needed. */
  onUsed?: (file: string) => void
  /** Leaves out what a layer cannot hold, and lists it. */
  skipUnsupported?: boolean
  /** Where the layer is made; without it only what is known beforehand can be asked. */
  maker?: LayerMaker
  /** Compresses the layer; if left out, it stays uncompressed. */
  compress?: 'gzip'
  signal?: AbortSignal
  onProgress?: OnProgress
}

/**
 * A WIM as an image of one layer. The layer is made when `images` is first called, in the place that the
 * options name, unless it is there from an earlier run; only then is its digest known.
 * @throws PATH_NOT_FOUND, ARCHIVE_INVALID, BLOB_MISSING where parts are missing
 */
export async function wimSource(file: string, options: WimOptions = {}): Promise<ImageCollection> {
  const wim = await openWim(file, options)
  return new WimSource(wim, file, options)
}

/** What one image of a WIM, or all of it, is called. @throws USAGE where none was chosen among several; NO_MATCH */
export async function offerOfWim(file: string, options: WimOptions): Promise<OfferedImage> {
  const source = new WimSource(await openWim(file, options), file, options)
  return await closing(source, () => source.offer())
}

interface MadeImage {
  layer: MadeLayer
  documents: { config: MadeDocument; manifest: MadeDocument }
}

class WimSource implements ImageCollection {
  readonly format = 'WIM'
  readonly concurrency = 1
  private skipped: string[] = []
  private newLayers: Descriptor[] = []
  private ready: MadeImage | undefined
  private knownFacts: LayerFacts | undefined
  private choice: ChosenOfWim | undefined
  /** While the layer is made: reads trees and files. */
  private decoder: UnitDecoder | undefined
  private lastTree: { index: number; tree: WimTree } | undefined

  constructor(
    private readonly wim: Wim,
    readonly label: string,
    private readonly options: WimOptions,
  ) {}

  async images(): Promise<NamedImage[]> {
    const { documents } = await this.image()
    const { name, version, publisher } = await this.facts()
    const annotations = present({
      [ANNOTATIONS.name]: name,
      [ANNOTATIONS.imageVersion]: version,
      [ANNOTATIONS.publisher]: publisher || undefined,
    })
    return [{ root: documents.manifest.descriptor, annotations }]
  }

  async offers(): Promise<OfferedImage[]> {
    const { wim, options } = this
    if (options.index === undefined && (await hasSeveral(wim, this.treeOf))) return await this.offeredEach()
    return [await this.offer()]
  }

  /** What is chosen; under its index where that was asked for, or the WIM has more. @throws USAGE where nothing is */
  async offer(): Promise<OfferedImage> {
    const { images } = await this.chosen()
    const [{ info } = { info: { index: 1 } }] = images
    const isAll = images.length === this.wim.images.length && this.options.index === undefined
    return { ...(await this.offered(images)), ...(isAll ? {} : { image: String(info.index) }) }
  }

  /**
   * If there are more images than a container and its utility VM, each can be asked for; those without a
   * version cannot.
   */
  private async offeredEach(): Promise<OfferedImage[]> {
    const found: OfferedImage[] = []
    for (const { index } of this.wim.images) {
      const image = String(index)
      try {
        const { images } = await chooseImages(this.wim, image, this.treeOf)
        found.push({ ...(await this.offered(images)), image })
      } catch (error) {
        if (!hasCode(error, 'ARCHIVE_UNKNOWN')) throw error
      }
    }
    return found
  }

  private async offered(images: readonly PlacedImage[]): Promise<OfferedImage> {
    const { info } = images[0] as PlacedImage
    const { name, version, publisher, platform } = await this.factsOf(info)
    const size = images.reduce((sum, image) => sum + (image.info.totalBytes ?? 0), 0)
    const summary = info.description ?? info.displayDescription ?? `WIM ${this.wim.name}`
    return { name, version, platform, summary, size, publisher }
  }

  made(): Descriptor[] {
    return this.newLayers
  }

  notes(): string[] {
    return this.skipped
  }

  async resolve(name: string): Promise<Descriptor> {
    const { documents } = await this.image()
    if (name === documents.manifest.descriptor.digest) return documents.manifest.descriptor
    throw noSuchImage(this.label, name, {
      side: 'source',
    })
  }

  async *read(descriptor: Descriptor, { from = 0, signal }: ReadOptions = {}): Bytes {
    const { documents } = await this.image()
    const document = Object.values(documents).find((one) => one.descriptor.digest === descriptor.digest)
    if (document) {
      yield document.bytes.subarray(from)
      return
    }
    const range = await this.locate(descriptor)
    if (!range)
      throw new ContainerImageError('NOT_FOUND', `${this.label} has no blob ${descriptor.digest}.`, {
        side: 'source',
      })
    yield* readRange(range, { from, signal })
  }

  /** Another process may have pruned the layer before it had a name: then it is made again. */
  async locate(descriptor: Descriptor) {
    let { layer } = await this.image()
    if (descriptor.digest !== layer.descriptor.digest) return undefined
    const there = await stat(layer.path).then(
      (facts) => facts.size === layer.descriptor.size,
      () => false,
    )
    if (!there) {
      this.ready = undefined
      layer = (await this.image()).layer
    }
    return { path: layer.path, offset: 0, size: layer.descriptor.size }
  }

  async close(): Promise<void> {
    await closeAll([this.wim, this.options.maker])
  }

  private async chosen(): Promise<ChosenOfWim> {
    this.choice ??= await chooseImages(this.wim, this.options.index, this.treeOf)
    return this.choice
  }

  private readonly treeOf = ({ index }: WimImageInfo): Promise<WimTree> => this.tree(index)

  private async facts(): Promise<LayerFacts> {
    const { images } = await this.chosen()
    this.knownFacts ??= await this.factsOf((images[0] as PlacedImage).info)
    return this.knownFacts
  }

  /** Read once for the facts and the layer. */
  private async tree(index: number): Promise<WimTree> {
    if (this.lastTree?.index !== index) {
      const { signal } = this.options
      const { decoder } = this
      const options = { signal, decoder }
      this.lastTree = { index, tree: await readTree(this.wim, index, options) }
    }
    return this.lastTree.tree
  }

  /** What is known without the layer; only the tree says whether it is Linux. */
  private async factsOf(info: WimImageInfo): Promise<LayerFacts> {
    const { root, isUnix } = await this.tree(info.index)
    const release = isUnix ? await readOsRelease(this.wim, root) : {}
    return layerFacts(this.wim, info, isUnix ? { os: 'linux', release } : { os: 'windows' }, this.options)
  }

  private async image(): Promise<MadeImage> {
    if (this.ready) return this.ready
    const { maker } = this.options
    if (!maker) throw notMadeYet(this.label)
    const { images, note } = await this.chosen()
    const decoder = new DecodePool(workersFor(this.wim, images))
    this.decoder = decoder
    try {
      this.ready = await this.make(maker, images, decoder)
      if (note !== undefined) this.skipped = [note, ...this.skipped]
      return this.ready
    } finally {
      this.decoder = undefined
      await decoder.close()
    }
  }

  private async make(
    maker: LayerMaker,
    images: readonly PlacedImage[],
    decoder: UnitDecoder,
  ): Promise<MadeImage> {
    const { skipUnsupported, signal } = this.options
    const facts = await this.facts()
    const trees: PlacedTree[] = []
    for (const image of images) trees.push({ image, tree: await this.tree(image.info.index) })
    const sorting = { skipUnsupported: skipUnsupported ?? false, signal }
    const contents = await layerContents(this.wim, trees, sorting)
    this.lastTree = undefined
    this.skipped = contents.skipped
    const choices = [...(this.options.compress ? ['gzip'] : []), ...contents.skipped]
    const identity = layerIdentity(this.wim, images, choices)
    const known = await maker.find(identity)
    const work = (): LayerWork => this.work(contents, identity, facts, decoder)
    const layer = known ?? (await maker.make(work(), { signal }))
    if (!known) this.newLayers = [layer.descriptor]
    return { layer, documents: layerDocuments(layer, facts, identity) }
  }

  private work(
    contents: LayerContents,
    identity: string,
    { name, version }: LayerFacts,
    decoder: UnitDecoder,
  ): LayerWork {
    const plan = new LayerPlan(this.wim, contents)
    const { signal, onProgress, compress } = this.options
    const task = `Expanding ${name} ${version}`
    const id: Digest = identity
    return {
      identity,
      compress,
      sizeAtMost: plan.sizeAtMost,
      write: async ({ fd, ready }) => {
        const total = plan.contentBytes
        onProgress?.({ type: 'begin', task, total })
        onProgress?.({ type: 'blob', id, label: this.wim.name, size: total })
        const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id, count, kind: 'copied' })
        const size = await plan.write(fd, decoder, { ready, onBytes, signal })
        onProgress?.({ type: 'blob-end', id })
        onProgress?.({ type: 'end', task })
        return size
      },
    }
  }
}

function notMadeYet(label: string): ContainerImageError {
  return new ContainerImageError(
    'FORMAT_UNFIT',
    `${label} is a WIM, of which an image is made when it is installed.`,
    {
      side: 'source',
      expected: 'an image with its documents',
      found: 'a WIM',
      remedy: `Install it first; ${command('inspect')} shows what is in the WIM itself.`,
    },
  )
}
