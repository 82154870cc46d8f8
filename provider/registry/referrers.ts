import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  distinct,
  isIndexType,
  option,
  parseObject,
  shortDigest,
  splitDigest,
} from '../../manifests/index.js'
import { LIMITS } from '../../manifests/limits.js'
import { inParallel } from '../copy/in-parallel.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { pages } from './pages.js'
import { type ReferrersList, referrersListOf } from './referrers-list.js'
import { SignatureTags } from './signature-tags.js'
import { type ReferrersRepository, wholeReferrer } from './whole-referrer.js'

/** Answers of registries that do not know the referrers API. */
const WITHOUT_API = [400, 404, 405, 501]

/** Referrers that are read side by side. */
const AT_ONCE = 4

/**
 * Whether a repository can be asked for referrers; if it cannot, or not now, it is asked only once per run.
 */
type Api = 'not asked yet' | 'there' | 'absent' | 'failed'

/**
 * The artifacts that refer to the manifests of one repository, by every way in use: the referrers API, its fallback tag
 * `sha256-<hex>` if there is no API (distribution-spec, "Referrers Tag Schema"), and cosign's tags. The image matters
 * more than what is said about it: anything that cannot be fetched is left out with a note, unless it is required.
 */
export class Referrers {
  private api: Api = 'not asked yet'
  private readonly tags: SignatureTags

  constructor(
    readonly client: RegistryClient,
    readonly repository: ReferrersRepository,
  ) {
    this.tags = new SignatureTags(client, repository)
  }

  /** @throws INTERRUPTED; if referrers are required, whatever prevents one of them from being fetched */
  async of(digest: Digest, signal?: AbortSignal): Promise<Descriptor[]> {
    const { algorithm, hex } = splitDigest(digest)
    const tag = `${algorithm}-${hex}`
    const listed = await this.listed(digest, signal)
    const byTag = this.api === 'there' ? [] : await this.underTag(tag, digest, signal)
    const candidates = distinct([...listed, ...byTag])
    const whole = await this.whole(candidates, digest, signal)
    const tagged = await this.tagged(tag, digest, signal)
    return distinct([...whole, ...tagged])
  }

  /** Those that the API lists; none if there is no API, or if it fails. */
  private async listed(digest: Digest, signal?: AbortSignal): Promise<Descriptor[]> {
    if (this.api === 'absent' || this.api === 'failed') return []
    try {
      const { listed, unclear } = await this.fromApi(digest, signal)
      this.tellUnclear(unclear, digest)
      return listed
    } catch (error) {
      this.api = 'failed'
      this.leaveOut(error, `signatures and other referrers of ${shortDigest(digest)}`, signal)
      return []
    }
  }

  private async fromApi(digest: Digest, signal?: AbortSignal): Promise<ReferrersList> {
    const subject = `referrers of ${digest}`
    const all: ReferrersList = { listed: [], unclear: 0 }
    const request: RegistryRequest = {
      ...this.repository.base(signal),
      path: `referrers/${digest}`,
      subject,
      brief: true,
      accept: WITHOUT_API,
    }
    for await (const { status, document } of pages(this.client, request, 'document')) {
      this.api = status === 200 ? 'there' : 'absent'
      if (status !== 200) break
      const page = referrersListOf(document, subject)
      all.listed.push(...page.listed)
      all.unclear += page.unclear
    }
    return all
  }

  /** Those of the list that stands for the API. */
  private async underTag(tag: string, digest: Digest, signal?: AbortSignal): Promise<Descriptor[]> {
    try {
      const received = await this.tags.fetch(tag, signal)
      // Some registries take the tag for the digest, and answer with the image itself, which lists its platforms.
      if (!received || received.descriptor.digest === digest) return []
      if (!isIndexType(received.descriptor.mediaType)) return []
      const subject = `referrers of ${digest}`
      const document = parseObject(Buffer.from(received.bytes), `list of ${subject}`, LIMITS.indexBytes)
      const { listed, unclear } = referrersListOf(document, subject)
      this.tellUnclear(unclear, digest)
      return listed
    } catch (error) {
      this.leaveOut(error, `the list of referrers under the tag ${tag}`, signal)
      return []
    }
  }

  /** cosign's. */
  private async tagged(tag: string, digest: Digest, signal?: AbortSignal): Promise<Descriptor[]> {
    const found: Descriptor[] = []
    for (const name of await this.cosignTags(tag, digest, signal)) {
      try {
        const received = await this.tags.fetch(name, signal)
        if (!received) continue
        const annotations = { [ANNOTATIONS.refName]: name }
        const descriptor = await wholeReferrer(this.client, this.repository, received.descriptor, signal)
        if (descriptor) found.push({ ...descriptor, annotations })
      } catch (error) {
        this.leaveOut(error, `the artifact under the tag ${name}`, signal)
      }
    }
    return found
  }

  private async cosignTags(tag: string, digest: Digest, signal?: AbortSignal): Promise<string[]> {
    try {
      return await this.tags.cosignTags(tag, signal)
    } catch (error) {
      this.leaveOut(error, `signatures under tags of ${shortDigest(digest)}`, signal)
      return []
    }
  }

  /** Those of a list that are there, with everything that belongs to them. */
  private async whole(listed: Descriptor[], subject: Digest, signal?: AbortSignal): Promise<Descriptor[]> {
    const found = new Map<Digest, Descriptor>()
    await inParallel(listed, AT_ONCE, signal, async (descriptor, stop) => {
      try {
        const whole = await wholeReferrer(this.client, this.repository, descriptor, stop, subject)
        if (whole) found.set(descriptor.digest, whole)
      } catch (error) {
        const { digest, artifactType } = descriptor
        this.leaveOut(error, `the referrer ${digest}${artifactType ? ` (${artifactType})` : ''}`, stop)
      }
    })
    return listed.flatMap(({ digest }) => found.get(digest) ?? [])
  }

  private tellUnclear(unclear: number, digest: Digest): void {
    if (unclear === 0) return
    const what = `${unclear} of the referrers that are listed for ${shortDigest(digest)}`
    this.leaveOut(
      new ContainerImageError('INVALID_DOCUMENT', 'They are listed in a way that cannot be understood.'),
      what,
    )
  }

  /**
   * Carries on without something.
   * @throws the reason it could not be fetched, if it is required or the run is to stop
   */
  private leaveOut(error: unknown, what: string, signal?: AbortSignal): void {
    if (!(error instanceof ContainerImageError) || error.code === 'INTERRUPTED' || signal?.aborted)
      throw error
    const { label } = this.repository
    if (!this.client.options.requireReferrers) {
      this.client.note(`${label}: ${what} could not be fetched, and the image goes without: ${error.message}`)
      return
    }
    const { code, message, expected, found, details } = error
    throw new ContainerImageError(code, `${label}: ${what} could not be fetched. ${message}`, {
      side: 'source',
      expected,
      found,
      details,
      remedy: `Leave out ${option('requireReferrers')} to go on without.`,
      cause: error,
    })
  }
}
