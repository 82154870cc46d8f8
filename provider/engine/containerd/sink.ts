import { groupedBy } from '../../../manifests/groups.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  engineName,
  formatPlatform,
  type Platform,
} from '../../../manifests/index.js'
import type { Content, CopyPlan, PlannedImage } from '../../copy/ports.js'
import { closedAfter } from '../../io/closing/closing.js'
import { LayoutStream } from '../client/layout-stream.js'
import { withOwnType } from '../client/own-type.js'
import { type AskOptions, ask } from '../client/program.js'
import { reach } from '../client/reach.js'
import type { EngineSink, EngineSinkOptions } from '../port/engine.js'
import { engineBound } from '../port/planned.js'
import { type Inventory, inventory, NOTHING } from './content.js'
import { type Ctr, missingContent } from './ctr.js'
import { references } from './images.js'

/** The namespace that Kubernetes looks into. */
const KUBERNETES = 'k8s.io'

/** `ctr images import` appends the date, which would be a new name every day. */
const UNNAMED = 'import'

/**
 * containerd as the end of a copy. `ctr images import` reads a layout from our pipe, puts its blobs into the
 * content store, and walks the images there: what the store has need not be in the layout.
 */
export class ContainerdSink implements EngineSink {
  readonly label: string
  /** One stream, one blob after the other. */
  readonly concurrency = 1
  sentBytes = 0
  private plan: CopyPlan | undefined
  private images: PlannedImage[] = []
  /** The blobs of the images; signatures travel with a layout and have no place in an engine. */
  private wanted = new Set<Digest>()
  private there: Inventory = NOTHING
  private readonly sent = new Set<Digest>()
  private stream: LayoutStream | undefined
  private isDone = false
  /** What containerd named before this copy. */
  private before = new Set<string>()
  private options: AskOptions = {}

  constructor(
    private readonly ctr: Ctr,
    private readonly sinkOptions: EngineSinkOptions,
  ) {
    this.label = ctr.label
  }

  async begin(plan: CopyPlan, options: { signal?: AbortSignal } = {}): Promise<void> {
    this.plan = plan
    this.options = options
    this.images = engineBound(plan).map(({ planned }) => planned)
    this.wanted = new Set(this.images.flatMap(({ root }) => reach(plan, root)).map(({ digest }) => digest))
    this.there = await inventory(this.ctr, options)
    this.before = new Set((await references(this.ctr, options)).map(({ name }) => name))
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    const { digest } = descriptor
    return !this.wanted.has(digest) || this.sent.has(digest) || this.there.has(descriptor)
  }

  async write(content: Content): Promise<void> {
    const { descriptor, onBytes } = content
    // A document goes with all others, at the end.
    if (this.plan?.documents.has(descriptor.digest)) onBytes?.(descriptor.size, 'copied')
    else {
      this.stream ??= await this.importing(['--all-platforms', '--no-unpack', '-'])
      await this.stream.blob(content)
      this.sentBytes += descriptor.size
    }
    this.sent.add(descriptor.digest)
  }

  /** All names are given with the first one, as a single import loads all images. */
  async tag(): Promise<void> {
    if (this.isDone || !this.plan || this.images.length === 0) return
    try {
      await this.importAll(this.plan)
      await this.unpackAll(this.plan)
      await this.nameAll(this.plan)
      await this.labelAll()
      this.isDone = true
    } catch (error) {
      const missing = missingContent(error)
      if (missing === undefined) throw await closedAfter(error, () => this.takeBack())
      this.forget()
      throw removedMeanwhile(this.ctr, missing, error)
    }
  }

  async abort(): Promise<void> {
    await this.stream?.abort()
  }

  private async importing(args: string[]): Promise<LayoutStream> {
    return await LayoutStream.into(this.ctr, ['images', 'import', ...args], this.options)
  }

  /**
   * First without unpacking, and under the digests alone: these names protect all that was sent, of whatever
   * platform, from the collector. A tag that names another image keeps it until this one is known to be
   * complete.
   */
  private async importAll(plan: CopyPlan): Promise<void> {
    const stream = this.stream ?? (await this.importing(['--all-platforms', '--no-unpack', '-']))
    this.stream = undefined
    await this.finish(stream, plan, this.images.flatMap(byDigest))
  }

  /** Then once for each platform, unpacked for it. */
  private async unpackAll(plan: CopyPlan): Promise<void> {
    const byPlatform = groupedBy(this.images, ({ platform }) => machineOf(platform))
    for (const [platform, images] of byPlatform) {
      const stream = await this.importing(['--platform', platform, '-'])
      const entries = images.flatMap((image) => [...byDigest(image), ...companionsOf(plan, image)])
      await this.finish(stream, plan, entries)
    }
  }

  private async nameAll(plan: CopyPlan): Promise<void> {
    const entries = this.images.flatMap(named)
    // ctr refuses an index without entries.
    if (entries.length === 0) return
    const stream = await this.importing(['--all-platforms', '--no-unpack', '-'])
    await this.finish(stream, plan, entries)
  }

  /** An image that cannot be unpacked leaves no names that were not there before. */
  private async takeBack(): Promise<void> {
    const { plan, images } = this
    const given = images.flatMap((image) => [...byDigest(image), ...(plan ? companionsOf(plan, image) : [])])
    const there = new Set((await references(this.ctr, {})).map(({ name }) => name))
    const ours = given
      .map(({ annotations }) => annotations?.[ANNOTATIONS.containerdName] ?? '')
      .filter((name) => there.has(name) && !this.before.has(name))
    if (ours.length > 0) await ask(this.ctr, ['images', 'rm', '--sync', ...new Set(ours)], {})
  }

  private async finish(stream: LayoutStream, plan: CopyPlan, entries: Descriptor[]): Promise<void> {
    try {
      const companions = new Set(this.images.flatMap((i) => i.companions ?? []).map(({ digest }) => digest))
      for (const [digest, bytes] of plan.documents)
        if (this.wanted.has(digest) || companions.has(digest)) await stream.document(digest, bytes)
      await stream.finish(entries)
    } catch (error) {
      throw await closedAfter(error, () => stream.abort())
    }
  }

  /** By these labels Kubernetes' part of containerd knows the images, and its collector leaves them alone. */
  private async labelAll(): Promise<void> {
    const labels = [
      ...(this.ctr.namespace === KUBERNETES ? ['io.cri-containerd.image=managed'] : []),
      ...(this.sinkOptions.pin ? ['io.cri-containerd.pinned=pinned'] : []),
    ]
    if (labels.length === 0) return
    for (const name of this.images.flatMap(({ names }) => names.map(engineName)))
      await ask(this.ctr, ['images', 'label', name, ...labels], this.options)
  }

  private forget(): void {
    this.there = NOTHING
    this.sent.clear()
  }
}

/** An entry of the index for each name of an image. */
function named({ root, names }: PlannedImage): Descriptor[] {
  return names.map(engineName).map((name) => entry(root, name))
}

/**
 * Entries by which `debian@sha256:...` is found; an image without a name gets the name that `ctr` itself
 * would give it.
 */
function byDigest({ root, names }: PlannedImage): Descriptor[] {
  const repositories = new Set(names.map((name) => engineName(name).replace(/:[^:/]*$/, '')))
  if (repositories.size === 0) repositories.add(UNNAMED)
  return [...repositories].map((repository) => entry(root, `${repository}@${root.digest}`))
}

/** The index that an image was chosen from is a way to ask for it, too. */
function companionsOf(plan: CopyPlan, image: PlannedImage): Descriptor[] {
  const indexes = (image.companions ?? []).flatMap((companion) => withOwnType(plan, companion) ?? [])
  return indexes.flatMap((index) => (image.names.length > 0 ? byDigest({ ...image, root: index }) : []))
}

function entry({ mediaType, digest, size }: Descriptor, name: string): Descriptor {
  return { mediaType, digest, size, annotations: { [ANNOTATIONS.containerdName]: name } }
}

/** As `--platform` takes it. */
function machineOf(platform: Platform | undefined): string {
  const { 'os.version': _build, ...machine } = platform ?? { os: '', architecture: '' }
  return formatPlatform(machine)
}

function removedMeanwhile(ctr: Ctr, digest: string, cause: unknown): ContainerImageError {
  return new ContainerImageError('CHANGED_MEANWHILE', `${ctr.label} removed what it had before.`, {
    side: 'destination',
    expected: `${digest}, which it listed before`,
    found: 'not there any more',
    remedy: 'Run the command again when nothing else removes images.',
    cause,
  })
}
