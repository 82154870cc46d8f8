import type { Digest } from '../../../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../../archives/members/tar-header.js'
import type { Content, CopyPlan } from '../../copy/ports.js'
import type { Bytes } from '../../io/bytes.js'
import type { Answer } from './answers.js'
import type { DockerClient } from './client.js'
import type { LoadForm } from './load-form.js'
import { isSmall, PART_LABEL, type Part, type Step } from './parts.js'
import { layerBytes, layerCompression, plainSize } from './plain-layer.js'
import type { Upload } from './upload.js'

/** The trailer of a gzip layer does not say its size: it has several members, or more than 4 GiB. */
export class GuessedWrong extends Error {
  constructor(readonly digest: Digest) {
    super('the size of a layer was guessed wrong')
  }
}

export interface PartOptions {
  plan: CopyPlan
  form: LoadForm
  /** Layers that are sent as they are, because their size cannot be known in advance. */
  asTheyAre: ReadonlySet<Digest>
  signal?: AbortSignal | undefined
}

type OnBytes = (count: number) => void

/** The request that sends one part: an archive with only these layers, or one single layer. */
export class PartRequest {
  private readonly upload: Upload
  private readonly sent = new Set<Digest>()
  private isBegun = false

  constructor(
    client: DockerClient,
    readonly part: Part,
    private readonly options: PartOptions,
  ) {
    const { signal } = options
    this.upload = part.isImport
      ? client.upload('/images/create', {
          query: { fromSrc: '-', changes: `LABEL ${PART_LABEL}=${part.bound.manifest.config.digest}` },
          signal,
        })
      : client.upload('/images/load', { query: { quiet: '1' }, signal })
  }

  /** @throws GuessedWrong, after which the request is lost; what the source and the upload throw */
  async send(step: Step, content: Content, onBytes: OnBytes): Promise<void> {
    try {
      if (this.part.isImport) await this.upload.writeAll(layerBytes(content, 'plain', onBytes))
      else await this.sendMember(step, content, onBytes)
    } catch (error) {
      this.upload.cancel()
      throw error
    }
  }

  /** Ends the request; returns what the daemon answers. @throws as Upload */
  async finish(): Promise<Answer> {
    if (!this.part.isImport) {
      await this.begin()
      await this.upload.write(Buffer.alloc(2 * BLOCK))
    }
    return await this.upload.finish()
  }

  cancel(): void {
    this.upload.cancel()
  }

  private async sendMember(step: Step, content: Content, onBytes: OnBytes): Promise<void> {
    await this.begin()
    const { digest, size } = step.layer
    if (this.sent.has(digest)) return
    this.sent.add(digest)
    const { form, asTheyAre } = this.options
    const isPlain = !form.keepsBlobs && !isSmall(step) && !asTheyAre.has(digest)
    if (isPlain) await this.sendPlain(step, content, onBytes)
    else await this.member(step, size, layerBytes(content, 'as-is', onBytes))
  }

  /** zlib takes half as long for it as the daemon's own gunzip, and older daemons know no zstd. */
  private async sendPlain(step: Step, content: Content, onBytes: OnBytes): Promise<void> {
    const size = await plainSize(content)
    const { digest } = step.layer
    const isGuess = layerCompression(step.layer) === 'gzip'
    await this.member(step, size, layerBytes(content, 'plain', onBytes), () => {
      if (isGuess) throw new GuessedWrong(digest)
    })
  }

  private async member(
    step: Step,
    size: number,
    bytes: Bytes,
    onOtherSize: () => void = () => {},
  ): Promise<void> {
    await this.upload.write(fileHeader(this.options.form.layerName(step), size))
    let count = 0
    for await (const chunk of bytes) {
      count += chunk.length
      if (count > size) onOtherSize()
      await this.upload.write(chunk)
    }
    if (count !== size) onOtherSize()
    await this.upload.write(Buffer.alloc(padded(size) - size))
  }

  /** The documents come first: they are small, and what is wrong with them shows before any layer is sent. */
  private async begin(): Promise<void> {
    if (this.isBegun) return
    this.isBegun = true
    const { form, plan } = this.options
    for (const [name, bytes] of form.documents(this.part, plan)) {
      await this.upload.write(fileHeader(name, bytes.length))
      await this.upload.write(bytes)
      await this.upload.write(Buffer.alloc(padded(bytes.length) - bytes.length))
    }
  }
}
