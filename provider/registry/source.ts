import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatReference,
  hasCode,
  isDigest,
  isForeignLayerType,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_ACCEPT,
  type Reference,
  show,
} from '../../manifests/index.js'
import type { ImageSource } from '../copy/ports.js'
import type { Bytes, ReadOptions } from '../io/bytes.js'
import type { Allowance } from './allowance.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { wholeSize } from './content-range.js'
import { remoteRepository } from './endpoints.js'
import { fetchForeign } from './foreign.js'
import type { HttpAnswer } from './http.js'
import { type ReceivedManifest, receiveManifest } from './manifest-answer.js'
import { findReferrers } from './referrers.js'
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
  private readonly manifests = new Map<Digest, Uint8Array>()
  private kept = 0

  constructor(
    readonly client: RegistryClient,
    readonly reference: Reference,
    readonly options: RegistrySourceOptions,
  ) {
    const { registry, repository } = reference
    this.label = formatReference({ registry, repository: remoteRepository(registry, repository) })
  }

  async resolve(name: string, options: { signal?: AbortSignal } = {}): Promise<Descriptor> {
    if (!isDigest(name) && !isTag(name))
      throw new ContainerImageError('INVALID_REFERENCE', `${show(name)} is neither a tag nor a digest.`, {
        expected: 'a tag or sha256:<64 hex digits>',
        found: show(name),
      })
    const received = await this.fetchManifest(name, options.signal)
    this.keep(received)
    return received.descriptor
  }

  read(descriptor: Descriptor, options: ReadOptions = {}): Bytes {
    const { mediaType } = descriptor
    if (isIndexType(mediaType) || isManifestType(mediaType)) return this.readManifest(descriptor, options)
    return options.isDocument ? this.readDocument(descriptor, options) : this.readBlob(descriptor, options)
  }

  async referrers(digest: Digest, options: { signal?: AbortSignal } = {}): Promise<Descriptor[]> {
    return findReferrers(this.client, this.base(options.signal), digest, async (tag) => {
      const received = await this.fetchManifest(tag, options.signal)
      this.keep(received)
      return received
    })
  }

  /** The client is not closed: it is its owner's, and other sources may use it. */
  async close(): Promise<void> {
    this.manifests.clear()
  }

  private async fetchManifest(name: string, signal: AbortSignal | undefined): Promise<ReceivedManifest> {
    const subject = `${this.label}${isDigest(name) ? '@' : ':'}${name}`
    const request = {
      ...this.base(signal),
      path: `manifests/${name}`,
      headers: { accept: MANIFEST_ACCEPT.join(', ') },
      subject,
    }
    const digest = isDigest(name) ? name : undefined
    return this.client.receive(request, (answer) => receiveManifest(answer, subject, digest))
  }

  private async *readManifest(descriptor: Descriptor, options: ReadOptions): Bytes {
    const kept = this.manifests.get(descriptor.digest)
    const bytes = kept ?? (await this.fetchManifest(descriptor.digest, options.signal)).bytes
    if (bytes.length > (options.from ?? 0)) yield bytes.subarray(options.from ?? 0)
  }

  /** A config is a blob to its registry, and a document to whoever reads it. */
  private async *readDocument(descriptor: Descriptor, options: ReadOptions): Bytes {
    const subject = `blob ${descriptor.digest} of ${this.label}`
    const allowance = this.client.allowance('document', this.reference.registry, subject, options.signal)
    try {
      yield* this.readBlob(descriptor, { ...options, signal: allowance.signal }, allowance)
    } finally {
      allowance.close()
    }
  }

  private readBlob(descriptor: Descriptor, options: ReadOptions, allowance?: Allowance): Bytes {
    const subject = `blob ${descriptor.digest} of ${this.label}`
    const run = { allowance, signal: options.signal }
    let foreign = false
    return resuming({
      subject,
      open: async (from) => {
        const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {}
        if (!foreign) {
          const answer = await this.askForBlob(descriptor, subject, headers, run)
          if (answer) return checkSize(answer, descriptor, subject)
          foreign = true
        }
        const answer = await fetchForeign(this.client, descriptor, headers, run)
        return checkSize(answer, descriptor, subject)
      },
      from: options.from ?? 0,
      size: descriptor.size,
      retry: this.client.retry,
      note: (message) => this.client.note(message),
      ...run,
    })
  }

  /** Undefined where a foreign layer has to be looked for at its URLs. */
  private async askForBlob(
    descriptor: Descriptor,
    subject: string,
    headers: Record<string, string>,
    run: Pick<RegistryRequest, 'allowance' | 'signal'>,
  ): Promise<HttpAnswer | undefined> {
    const path = `blobs/${descriptor.digest}`
    const request = { ...this.base(run.signal), ...run, path, headers, subject, accept: [416] }
    try {
      return await this.client.request(request)
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND') && isForeignLayerType(descriptor.mediaType)) return undefined
      throw error
    }
  }

  private base(signal: AbortSignal | undefined) {
    return {
      registry: this.reference.registry,
      repository: this.reference.repository,
      insecure: this.options.insecure === true,
      signal,
    }
  }

  private keep({ descriptor, bytes }: ReceivedManifest): void {
    if (this.manifests.has(descriptor.digest) || this.kept + bytes.length > KEPT_MANIFESTS) return
    this.kept += bytes.length
    this.manifests.set(descriptor.digest, bytes)
  }
}

/** Tells a wrong size before gigabytes were fetched for nothing. @throws SIZE_MISMATCH */
function checkSize(answer: HttpAnswer, descriptor: Descriptor, subject: string): HttpAnswer {
  const found = wholeSize(answer)
  if (answer.status !== 416 && (found === undefined || found === descriptor.size)) return answer
  answer.body.cancel()
  throw new ContainerImageError('SIZE_MISMATCH', `The registry's ${subject} has another size.`, {
    side: 'source',
    expected: `${descriptor.size} bytes`,
    found: found === undefined ? 'fewer' : `${found} bytes`,
    details: { digest: descriptor.digest },
  })
}
