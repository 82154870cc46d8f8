import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, type Digest, splitDigest } from '../../../manifests/index.js'
import type { Content, CopyPlan, PlannedImage } from '../../copy/ports.js'
import { verified } from '../../copy/verified.js'
import { openNew } from '../../io/files/own-file.js'
import { makeScratch, type Scratch, type ScratchPlace } from '../../io/files/scratch.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { type AskOptions, ask } from '../client/program.js'
import type { EngineSink } from '../port/engine.js'
import type { PodmanImage, podmanImagesOf } from './bound.js'
import { nameImage } from './named.js'
import type { Podman } from './podman.js'

/** The beginning of skopeo's `dir:` folders (containers-image, directory transport). */
const DIRECTORY_VERSION = 'Directory Transport Version: 1.1\n'
const NEW = { flag: 'wx' }

/**
 * podman on this machine as the end of a copy: it reads the blobs where they lie. All that is written is a
 * folder of links to them, in the form of skopeo's `dir:`; podman opens only the layers that it lacks.
 */
export class LinkSink implements EngineSink {
  readonly label: string
  sentBytes = 0
  private images: PodmanImage[] = []
  private options: AskOptions = {}
  private scratch: Scratch | undefined
  /** Where each blob lies. */
  private readonly places = new Map<Digest, string>()
  private plan: CopyPlan | undefined

  constructor(
    private readonly podman: Podman,
    private readonly imagesOf: (
      plan: CopyPlan,
      options: AskOptions,
    ) => Promise<ReturnType<typeof podmanImagesOf>>,
    private readonly place?: ScratchPlace,
  ) {
    this.label = podman.label
  }

  async begin(plan: CopyPlan, options: { signal?: AbortSignal } = {}): Promise<void> {
    this.plan = plan
    this.options = options
    this.images = await this.imagesOf(plan, options)
    this.scratch = await makeScratch(this.place)
  }

  /**
   * podman does not open what it has; a link to it costs nothing, and helps if it has been removed in the
   * meantime.
   */
  async has({ digest }: Descriptor): Promise<boolean> {
    return this.places.has(digest)
  }

  async write({ descriptor, range, open: opened, onBytes, signal }: Content): Promise<void> {
    const isLayer = this.images.some(({ manifest }) =>
      manifest.layers.some(({ digest }) => digest === descriptor.digest),
    )
    const isLacking = this.images.some(({ lacking }) =>
      lacking.some(({ digest }) => digest === descriptor.digest),
    )
    if (isLayer) {
      const inPlace = range && range.offset === 0 && range.size === descriptor.size
      this.places.set(descriptor.digest, inPlace ? range.path : await this.spool(descriptor, opened, signal))
    }
    if (isLacking) this.sentBytes += descriptor.size
    onBytes?.(descriptor.size, isLacking || !isLayer ? 'copied' : 'reused')
  }

  async tag(planned: PlannedImage): Promise<void> {
    const image = this.images.find((one) => one.planned === planned)
    if (!image) return
    const folder = await this.directoryOf(image)
    const said = await ask(this.podman, ['pull', '--quiet', `dir:${folder}`], this.options)
    await nameImage(this.podman, image, said, this.options)
  }

  async commit(): Promise<void> {
    await this.scratch?.remove()
  }

  async abort(): Promise<void> {
    await this.scratch?.remove()
  }

  private get folder(): string {
    return this.scratch?.path ?? ''
  }

  private async directoryOf({ top, documents, manifest }: PodmanImage): Promise<string> {
    const folder = path.join(this.folder, splitDigest(top.digest).hex)
    await inWords(`Writing ${folder}`, 'destination', async () => {
      await mkdir(folder)
      await writeFile(path.join(folder, 'version'), DIRECTORY_VERSION, NEW)
      for (const [digest, bytes] of documents) {
        const name = digest === top.digest ? 'manifest.json' : `${splitDigest(digest).hex}.manifest.json`
        await writeFile(path.join(folder, name), bytes, NEW)
      }
      const config = this.plan?.documents.get(manifest.config.digest)
      if (config) await writeFile(path.join(folder, splitDigest(manifest.config.digest).hex), config, NEW)
      for (const digest of new Set(manifest.layers.map((layer) => layer.digest))) {
        const place = this.places.get(digest)
        if (place) await symlink(place, path.join(folder, splitDigest(digest).hex))
      }
    })
    return folder
  }

  /** A blob that is not in a file of its own. */
  private async spool(
    descriptor: Descriptor,
    opened: Content['open'],
    signal?: AbortSignal,
  ): Promise<string> {
    const file = path.join(this.folder, `blob-${splitDigest(descriptor.digest).hex}`)
    await inWords(`Writing ${file}`, 'destination', async () => {
      const handle = await openNew(file, 0o600)
      try {
        await writeBytes(handle, verified(opened(0), descriptor, { signal }), 0, () => {})
      } finally {
        await handle.close()
      }
    })
    return file
  }
}
