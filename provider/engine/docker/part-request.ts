import { ContainerImageError, type Digest, digestOf } from '../../../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../../members/tar-header.js'
import type { Content } from '../../ports.js'
import type { DockerClient } from './client.js'
import { isSmall, PART_LABEL, type Part, partConfig, type Step } from './parts.js'
import { layerBytes, layerCompression, plainSize } from './plain-layer.js'
import type { Upload } from './upload.js'

/** The trailer of a gzip layer does not say its size: it has several members, or more than 4 GiB. */
export class GuessedWrong extends Error {
  constructor(readonly digest: Digest) {
    super('the size of a layer was guessed wrong')
  }
}

export interface PartOptions {
  /** The image's own config. */
  config: Uint8Array
  /** Layers that go as they are, because their size cannot be told before. */
  asTheyAre: ReadonlySet<Digest>
  signal?: AbortSignal | undefined
}

/** The request that takes one part: a docker archive that has only these layers, or one layer alone. */
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
  async send(step: Step, content: Content, onBytes: (count: number) => void): Promise<void> {
    try {
      if (this.part.isImport) await this.upload.writeAll(layerBytes(content, 'plain', onBytes))
      else await this.sendMember(step, content, onBytes)
    } catch (error) {
      this.upload.cancel()
      throw error
    }
  }

  /** Ends the request; returns what the daemon answers. @throws as Upload */
  async finish(): Promise<{ body: string; status: number }> {
    if (!this.part.isImport) {
      await this.begin()
      await this.upload.write(Buffer.alloc(2 * BLOCK))
    }
    return await this.upload.finish()
  }

  cancel(): void {
    this.upload.cancel()
  }

  private async sendMember(step: Step, content: Content, onBytes: (count: number) => void): Promise<void> {
    await this.begin()
    const { digest, size } = step.layer
    if (this.sent.has(digest)) return
    this.sent.add(digest)
    const isPlain = !isSmall(step) && !this.options.asTheyAre.has(digest)
    if (isPlain) await this.sendPlain(step, content, onBytes)
    else await this.member(step, size, layerBytes(content, 'as-is', onBytes))
  }

  /** Its own gunzip takes the daemon twice the time that zlib takes here, where another processor has it. */
  private async sendPlain(step: Step, content: Content, onBytes: (count: number) => void): Promise<void> {
    const size = await plainSize(content)
    const { digest } = step.layer
    const isGuess = layerCompression(step.layer) === 'gzip'
    await this.member(step, size, layerBytes(content, 'plain', onBytes), () => {
      if (isGuess) throw new GuessedWrong(digest)
    })
  }

  private async member(
    { diffId }: Step,
    size: number,
    bytes: AsyncIterable<Uint8Array>,
    onOtherSize: () => void = () => {},
  ): Promise<void> {
    await this.upload.write(fileHeader(memberName(diffId), size))
    let count = 0
    for await (const chunk of bytes) {
      count += chunk.length
      if (count > size) onOtherSize()
      await this.upload.write(chunk)
    }
    if (count !== size) onOtherSize()
    await this.upload.write(Buffer.alloc(padded(size) - size))
  }

  /** The documents come first, as they are small and the daemon wants them before any layer. */
  private async begin(): Promise<void> {
    if (this.isBegun) return
    this.isBegun = true
    const config = partConfig(this.part, this.options.config)
    const { bound, upTo } = this.part
    const name = `${digestOf(config).slice(7)}.json`
    const manifest = [{ Config: name, RepoTags: null, Layers: bound.diffIds.slice(0, upTo).map(memberName) }]
    await this.file(name, config)
    await this.file('manifest.json', Buffer.from(JSON.stringify(manifest)))
  }

  private async file(name: string, bytes: Uint8Array): Promise<void> {
    await this.upload.write(fileHeader(name, bytes.length))
    await this.upload.write(bytes)
    await this.upload.write(Buffer.alloc(padded(bytes.length) - bytes.length))
  }
}

function memberName(diffId: Digest): string {
  return `${diffId.replace(':', '-')}.tar`
}

/** The id of the image that an import made. @throws ENGINE_REFUSED */
export function importedId(reports: { status?: string }[], label: string): Digest {
  const status = reports.map((report) => report.status).find((one) => one?.startsWith('sha256:'))
  if (status !== undefined) return status
  throw new ContainerImageError('ENGINE_REFUSED', `${label} does not say what it imported.`, {
    side: 'destination',
  })
}
