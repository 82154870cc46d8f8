import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  digestOf,
  formatReference,
  hasCode,
  isDigest,
  isForeignLayerType,
  isIndexType,
  isManifestType,
  isTag,
  LIMITS,
  MANIFEST_ACCEPT,
  type Reference,
  show,
} from '../../manifests/index.js'
import type { ImageSource } from '../copy/ports.js'
import type { Bytes, ReadOptions } from '../io/bytes.js'
import type { Allowance } from './allowance.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { contentRange, wholeSize } from './content-range.js'
import { remoteRepository } from './endpoints.js'
import { fetchForeign } from './foreign.js'
import { headManifest } from './head-manifest.js'
import { contentLength, type HttpAnswer } from './http.js'
import { manifestHere, type ReceivedManifest, receiveManifest } from './manifest-answer.js'
import { isHtml, pageForPeople } from './page-for-people.js'
import { Referrers } from './referrers.js'
import { resuming } from './resuming.js'

export interface RegistrySourceOptions {
  /** Plain http is allowed to this registry, besides what the client allows. */
  insecure?: boolean
}

/** Blobs that are fetched side by side; more only makes registries slow each of them down. */
const CONCURRENCY = 4

/** In bytes: documents that are kept in one run, so that none of them is fetched again. */
const MOST_KEPT = 64 * 1024 * 1024

const ACCEPT = MANIFEST_ACCEPT.join(', ')

/** How long an answer is waited for: usual, or brief. */
type Patience = Pick<RegistryRequest, 'brief'>

const BRIEFLY: Patience = { brief: true }

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
  private readonly manifests = new Map<Digest, ReceivedManifest>()
  private readonly configs = new Map<Digest, Uint8Array>()
  private kept = 0
  private readonly about: Referrers

  constructor(
    readonly client: RegistryClient,
    readonly reference: Reference,
    readonly options: RegistrySourceOptions,
  ) {
    const { registry, repository } = reference
    this.label = formatReference({ registry, repository: remoteRepository(registry, repository) })
    this.about = new Referrers(client, {
      label: this.label,
      accept: ACCEPT,
      base: (signal) => this.base(signal),
      fetch: (name, signal) => this.fetchManifest(name, signal, BRIEFLY),
      documents: {
        label: this.label,
        concurrency: CONCURRENCY,
        resolve: (name, options) => this.resolve(name, options),
        read: (descriptor, options = {}) => this.readWith(descriptor, options, BRIEFLY),
        close: async () => {},
      },
    })
  }

  async resolve(name: string, options: { signal?: AbortSignal } = {}): Promise<Descriptor> {
    if (!isDigest(name) && !isTag(name))
      throw new ContainerImageError('INVALID_REFERENCE', `${show(name)} is neither a tag nor a digest.`, {
        expected: 'a tag or sha256:<64 hex digits>',
        found: show(name),
      })
    const { signal } = options
    const received =
      (await this.remembered(name, signal)) ?? (await this.fetchManifest(name, signal, {}, true))
    return received.descriptor
  }

  /**
   * What an earlier run had under a name, if the registry says by HEAD that it is still the same: HEAD does
   * not count as a pull.
   */
  private async remembered(
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<ReceivedManifest | undefined> {
    const { memory } = this.client.options
    if (!memory) return undefined
    const { registry, repository } = this.reference
    const digest = isDigest(name) ? name : await memory.lastDigest(`${registry}/${repository}:${name}`)
    if (digest === undefined) return undefined
    const here = await this.knownHere(digest, name)
    if (here && isDigest(name)) return here
    const bytes = here?.bytes ?? (await memory.document(digest, LIMITS.indexBytes))
    if (!bytes) return undefined
    const head = await headManifest(this.client, { ...this.base(signal), brief: true }, name).catch(
      (error: unknown) => {
        if (signal?.aborted) throw error
        // The GET will tell.
        return undefined
      },
    )
    return head !== 'untold' && head?.digest === digest
      ? this.keep(manifestHere(bytes, name, digest))
      : undefined
  }

  read(descriptor: Descriptor, options: ReadOptions = {}): Bytes {
    return this.readWith(descriptor, options)
  }

  referrers(digest: Digest, options: { signal?: AbortSignal } = {}): Promise<Descriptor[]> {
    return this.about.of(digest, options.signal)
  }

  /** The client is not closed: it is its owner's, and other sources may use it. */
  async close(): Promise<void> {
    this.manifests.clear()
    this.configs.clear()
    this.kept = 0
  }

  private readWith(descriptor: Descriptor, options: ReadOptions, patience: Patience = {}): Bytes {
    const { mediaType } = descriptor
    if (isIndexType(mediaType) || isManifestType(mediaType))
      return this.readManifest(descriptor, options, patience)
    return options.isDocument
      ? this.readDocument(descriptor, options, patience)
      : this.readBlob(descriptor, options)
  }

  /** Each once: registries count how many manifests anybody fetches. */
  private async fetchManifest(
    name: string,
    signal: AbortSignal | undefined,
    patience: Patience = {},
    isRoot = false,
  ): Promise<ReceivedManifest> {
    const subject = `${this.label}${isDigest(name) ? '@' : ':'}${name}`
    // What is below a manifest that the registry has is there too; of a root only it can tell.
    const known = isDigest(name)
      ? await (isRoot ? this.knownHere(name, subject) : this.knownManifest(name, subject))
      : undefined
    if (known) return known
    const request = {
      ...this.base(signal),
      path: `manifests/${name}`,
      headers: { accept: ACCEPT },
      subject,
      ...patience,
    }
    const digest = isDigest(name) ? name : undefined
    const received = await this.client.receive(request, (answer) => receiveManifest(answer, subject, digest))
    this.keep(received)
    const { memory } = this.client.options
    await memory?.keepDocument(received.descriptor.digest, received.bytes)
    const { registry, repository } = this.reference
    if (!isDigest(name))
      await memory?.keepDigest(`${registry}/${repository}:${name}`, received.descriptor.digest)
    return received
  }

  private async knownManifest(digest: Digest, subject: string): Promise<ReceivedManifest | undefined> {
    const here = await this.knownHere(digest, subject)
    if (here) return here
    const bytes = await this.client.options.memory?.document(digest, LIMITS.indexBytes)
    return bytes ? this.keep(manifestHere(bytes, subject, digest)) : undefined
  }

  /** Had in this run, or in a store or a media. */
  private async knownHere(digest: Digest, subject: string): Promise<ReceivedManifest | undefined> {
    const kept = this.manifests.get(digest)
    if (kept) return kept
    const bytes = await this.client.options.here?.(digest, LIMITS.indexBytes)
    return bytes ? this.keep(manifestHere(bytes, subject, digest)) : undefined
  }

  private async *readManifest(descriptor: Descriptor, options: ReadOptions, patience: Patience): Bytes {
    const { bytes } = await this.fetchManifest(descriptor.digest, options.signal, patience)
    if (bytes.length > (options.from ?? 0)) yield bytes.subarray(options.from ?? 0)
  }

  /** A config is a blob to its registry, and a document to whoever reads it. */
  private async *readDocument(descriptor: Descriptor, options: ReadOptions, patience: Patience): Bytes {
    const known = await this.knownConfig(descriptor)
    if (known) {
      if (known.length > (options.from ?? 0)) yield known.subarray(options.from ?? 0)
      return
    }
    const subject = `blob ${descriptor.digest} of ${this.label}`
    const allowance = this.client.allowance('document', this.reference.registry, subject, options.signal)
    try {
      const blob = this.readBlob(descriptor, { ...options, signal: allowance.signal }, allowance, patience)
      const parts: Buffer[] = []
      for await (const chunk of blob) {
        parts.push(Buffer.from(chunk))
        yield chunk
      }
      await this.keepConfig(descriptor, Buffer.concat(parts))
    } finally {
      allowance.close()
    }
  }

  private async knownConfig({ digest }: Descriptor): Promise<Uint8Array | undefined> {
    const { here, memory } = this.client.options
    return (
      this.configs.get(digest) ??
      (await here?.(digest, LIMITS.configBytes)) ??
      (await memory?.document(digest, LIMITS.configBytes))
    )
  }

  /** Something that came complete and is right. */
  private async keepConfig({ digest }: Descriptor, bytes: Uint8Array): Promise<void> {
    if (digestOf(bytes) !== digest) return
    await this.client.options.memory?.keepDocument(digest, bytes)
    if (this.kept + bytes.length > MOST_KEPT) return
    this.kept += bytes.length
    this.configs.set(digest, bytes)
  }

  private readBlob(
    descriptor: Descriptor,
    options: ReadOptions,
    allowance?: Allowance,
    patience: Patience = {},
  ): Bytes {
    const subject = `blob ${descriptor.digest} of ${this.label}`
    const run = { allowance, signal: options.signal, ...patience }
    let foreign = false
    return resuming({
      subject,
      open: async (from) => {
        const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {}
        if (!foreign) {
          const answer = await this.askForWholeBlob(descriptor, subject, headers, run)
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

  /** As `#askForBlob`; if the answer is encoded, all of it, as no part of that can be decoded. */
  private async askForWholeBlob(
    descriptor: Descriptor,
    subject: string,
    headers: Record<string, string>,
    run: Pick<RegistryRequest, 'allowance' | 'signal' | 'brief'>,
  ): Promise<HttpAnswer | undefined> {
    const answer = await this.askForBlob(descriptor, subject, headers, run)
    if (!answer?.body.isDecoded) return answer
    const size = answer.status === 206 ? contentRange(answer)?.size : contentLength(answer)
    if (size === descriptor.size) {
      // A storage says of a layer that it is gzip, which it is.
      answer.body.keepEncoded()
      return answer
    }
    if (answer.status !== 206) return answer
    answer.body.cancel()
    return await this.askForBlob(descriptor, subject, {}, run)
  }

  /** Undefined if a foreign layer has to be looked for at its URLs. */
  private async askForBlob(
    descriptor: Descriptor,
    subject: string,
    headers: Record<string, string>,
    run: Pick<RegistryRequest, 'allowance' | 'signal' | 'brief'>,
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

  private keep(received: ReceivedManifest): ReceivedManifest {
    const { descriptor, bytes } = received
    if (this.manifests.has(descriptor.digest) || this.kept + bytes.length > MOST_KEPT) return received
    this.kept += bytes.length
    this.manifests.set(descriptor.digest, received)
    return received
  }
}

/**
 * Detects a wrong size before gigabytes are fetched for nothing, and a web page at once.
 * @throws SIZE_MISMATCH, REGISTRY_ERROR
 */
function checkSize(answer: HttpAnswer, descriptor: Descriptor, subject: string): HttpAnswer {
  const found = wholeSize(answer)
  // A blob may itself be a web page, and then its size is right.
  if (isHtml(answer) && found !== descriptor.size && !isTextType(descriptor)) {
    answer.body.cancel()
    throw pageForPeople(answer, subject, `a blob of ${descriptor.size} bytes`, 'REGISTRY_ERROR')
  }
  if (answer.status !== 416 && (found === undefined || found === descriptor.size)) return answer
  answer.body.cancel()
  throw new ContainerImageError('SIZE_MISMATCH', `The registry's ${subject} has another size.`, {
    side: 'source',
    expected: `${descriptor.size} bytes`,
    found: found === undefined ? 'fewer' : `${found} bytes`,
    details: { digest: descriptor.digest },
  })
}

function isTextType({ mediaType }: Descriptor): boolean {
  return mediaType.startsWith('text/')
}
