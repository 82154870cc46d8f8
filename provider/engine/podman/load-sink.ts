import { ContainerImageError, type Descriptor, type Digest } from '../../../manifests/index.js'
import type { Content, CopyPlan, PlannedImage } from '../../copy/ports.js'
import { LayoutStream } from '../client/layout-stream.js'
import type { AskOptions } from '../client/program.js'
import type { EngineSink } from '../port/engine.js'
import type { PodmanImage } from './bound.js'
import { nameImage } from './named.js'
import { missingLayer, type Podman } from './podman.js'

/**
 * A podman behind a socket as the end of a copy: `podman load` reads a layout from our pipe. It takes one
 * image at a time, and looks for the layers that it has before it looks into the layout, so these are left out.
 */
export class LoadSink implements EngineSink {
  readonly label: string
  /** One stream, one blob after the other. */
  readonly concurrency = 1
  sentBytes = 0
  private images: PodmanImage[] = []
  private plan: CopyPlan | undefined
  private options: AskOptions = {}
  private readonly sent = new Set<Digest>()
  private current: { image: PodmanImage; stream: LayoutStream } | undefined
  private readonly finished = new Set<PodmanImage>()
  private changed: unknown

  constructor(
    private readonly podman: Podman,
    private readonly imagesOf: (
      plan: CopyPlan,
      options: AskOptions & { lacksAll?: boolean },
    ) => Promise<PodmanImage[]>,
  ) {
    this.label = podman.label
  }

  async begin(plan: CopyPlan, options: { signal?: AbortSignal } = {}): Promise<void> {
    this.plan = plan
    this.options = options
    this.images = await this.imagesOf(plan, options)
  }

  /** Image after image; a layer goes with the first that needs it. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const place = ({ digest }: Descriptor): number => {
      const found = this.images.findIndex((image) => needs(image, digest))
      return found < 0 ? this.images.length : found
    }
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    if (this.plan?.documents.has(digest)) return this.sent.has(digest)
    return this.sent.has(digest) || !this.images.some((image) => needs(image, digest))
  }

  async write(content: Content): Promise<void> {
    const { descriptor, onBytes } = content
    const image = this.images.find((one) => needs(one, descriptor.digest))
    // A document goes with its image, at the end.
    if (!image) onBytes?.(descriptor.size, 'copied')
    else {
      await (await this.streamFor(image)).blob(content)
      this.sentBytes += descriptor.size
    }
    this.sent.add(descriptor.digest)
  }

  async tag(planned: PlannedImage): Promise<void> {
    const image = this.images.find((one) => one.planned === planned)
    if (!image) return
    if (!this.finished.has(image)) await this.finishOne(image)
    if (this.changed === undefined) return
    const cause = this.changed
    await this.beginAgain()
    throw removedMeanwhile(this.podman, cause)
  }

  async abort(): Promise<void> {
    await this.current?.stream.abort()
  }

  /** The stream of an image; that of any other is finished first, as podman takes one at a time. */
  private async streamFor(image: PodmanImage): Promise<LayoutStream> {
    if (this.current && this.current.image !== image) await this.finishOne(this.current.image)
    this.current ??= {
      image,
      stream: await LayoutStream.into(this.podman, ['load', '--quiet'], this.options),
    }
    return this.current.stream
  }

  /**
   * If podman has lost a layer in the meantime, it shows here; the copy can start again when the names are
   * given.
   */
  private async finishOne(image: PodmanImage): Promise<void> {
    const stream = await this.streamFor(image)
    this.finished.add(image)
    try {
      for (const [digest, bytes] of image.documents) await stream.document(digest, bytes)
      const config = this.plan?.documents.get(image.manifest.config.digest)
      if (config) await stream.document(image.manifest.config.digest, config)
      const { mediaType, digest, size } = image.top
      const said = await stream.finish([{ mediaType, digest, size }])
      this.current = undefined
      await nameImage(this.podman, image, said, this.options)
    } catch (error) {
      await stream.abort()
      this.current = undefined
      if (missingLayer(error) === undefined) throw error
      this.changed = error
    }
  }

  private async beginAgain(): Promise<void> {
    this.changed = undefined
    this.finished.clear()
    this.sent.clear()
    if (this.plan) this.images = await this.imagesOf(this.plan, { ...this.options, lacksAll: true })
  }
}

function needs({ lacking }: PodmanImage, digest: Digest): boolean {
  return lacking.some((layer) => layer.digest === digest)
}

function removedMeanwhile(podman: Podman, cause: unknown): ContainerImageError {
  return new ContainerImageError('CHANGED_MEANWHILE', `${podman.label} removed a layer that it had before.`, {
    side: 'destination',
    expected: missingLayer(cause) ?? 'the layer',
    found: 'not there any more',
    remedy: 'Run the command again when nothing else removes images.',
    cause,
  })
}
