import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatReference,
  isDigest,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_ACCEPT,
  type Reference,
  show,
} from '../../manifests/index.js'
import type { Bytes, ImageSource, ReadOptions } from '../ports.js'
import type { RegistryClient } from './client.js'
import { wholeSize } from './content-range.js'
import { type ReceivedManifest, receiveManifest } from './manifest-answer.js'
import { resuming } from './resuming.js'

export interface RegistrySourceOptions {
  /** Plain http is allowed to this registry, beside what the client allows. */
  insecure?: boolean
}

/** Blobs that are fetched side by side; more only makes registries slow each of them down. */
const CONCURRENCY = 4

/** In bytes: manifests that are kept after they were resolved, so that they are not fetched again. */
const KEPT_MANIFESTS = 64 * 1024 * 1024

/** Opens one repository of a registry for reading. Nothing is sent before something is asked for. */
export function openRegistrySource(
  client: RegistryClient,
  reference: Reference,
  options: RegistrySourceOptions = {},
): ImageSource {
  return new RegistrySource(client, reference, options)
}

class RegistrySource implements ImageSource {
  readonly label: string
  readonly concurrency = CONCURRENCY
  readonly #manifests = new Map<Digest, Uint8Array>()
  #kept = 0

  constructor(
    readonly client: RegistryClient,
    readonly reference: Reference,
    readonly options: RegistrySourceOptions,
  ) {
    this.label = formatReference({ registry: reference.registry, repository: reference.repository })
  }

  async resolve(name: string, options: { signal?: AbortSignal } = {}): Promise<Descriptor> {
    if (!isDigest(name) && !isTag(name))
      throw new ContainerImageError('INVALID_REFERENCE', `${show(name)} is neither a tag nor a digest.`, {
        expected: 'a tag or sha256:<64 hex digits>',
        found: show(name),
      })
    const received = await this.#fetchManifest(name, options.signal)
    this.#keep(received)
    return received.descriptor
  }

  read(descriptor: Descriptor, options: ReadOptions = {}): Bytes {
    const { mediaType } = descriptor
    if (isIndexType(mediaType) || isManifestType(mediaType)) return this.#readManifest(descriptor, options)
    return this.#readBlob(descriptor, options)
  }

  /** The client is not closed: it is its owner's, and other sources may use it. */
  async close(): Promise<void> {
    this.#manifests.clear()
  }

  async #fetchManifest(name: string, signal: AbortSignal | undefined): Promise<ReceivedManifest> {
    const subject = `${this.label}${isDigest(name) ? '@' : ':'}${name}`
    const answer = await this.client.request({
      ...this.#base(signal),
      path: `manifests/${name}`,
      headers: { accept: MANIFEST_ACCEPT.join(', ') },
      subject,
    })
    return receiveManifest(answer, subject, isDigest(name) ? name : undefined)
  }

  async *#readManifest(descriptor: Descriptor, options: ReadOptions): Bytes {
    const kept = this.#manifests.get(descriptor.digest)
    const bytes = kept ?? (await this.#fetchManifest(descriptor.digest, options.signal)).bytes
    if (bytes.length > (options.from ?? 0)) yield bytes.subarray(options.from ?? 0)
  }

  #readBlob(descriptor: Descriptor, options: ReadOptions): Bytes {
    const subject = `blob ${descriptor.digest} of ${this.label}`
    return resuming({
      open: async (from) => {
        const answer = await this.client.request({
          ...this.#base(options.signal),
          path: `blobs/${descriptor.digest}`,
          headers: from > 0 ? { range: `bytes=${from}-` } : {},
          subject,
        })
        const size = wholeSize(answer)
        if (size === undefined || size === descriptor.size) return answer
        answer.body.cancel()
        throw wrongSize(descriptor, size, subject)
      },
      from: options.from ?? 0,
      // One byte more than there should be is enough to tell that there is too much.
      end: descriptor.size + 1,
      retry: this.client.retry,
      note: (message) => this.client.note(message),
      ...(options.signal ? { signal: options.signal } : {}),
    })
  }

  #base(signal: AbortSignal | undefined) {
    return {
      registry: this.reference.registry,
      repository: this.reference.repository,
      insecure: this.options.insecure === true,
      ...(signal ? { signal } : {}),
    }
  }

  #keep({ descriptor, bytes }: ReceivedManifest): void {
    if (this.#manifests.has(descriptor.digest) || this.#kept + bytes.length > KEPT_MANIFESTS) return
    this.#kept += bytes.length
    this.#manifests.set(descriptor.digest, bytes)
  }
}

/** Told before gigabytes were fetched for nothing. */
function wrongSize(descriptor: Descriptor, found: number, subject: string): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `The registry's ${subject} has another size.`, {
    side: 'source',
    expected: `${descriptor.size} bytes`,
    found: `${found} bytes`,
    details: { digest: descriptor.digest },
  })
}
