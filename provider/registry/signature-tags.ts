import { isTag } from '../../manifests/index.js'
import type { RegistryClient } from './client.js'
import { listPages } from './list-pages.js'
import type { ReceivedManifest } from './manifest-answer.js'
import type { ReferrersRepository } from './whole-referrer.js'

/** cosign's tags for signatures, attestations and SBOMs of an image. */
const COSIGN = ['sig', 'att', 'sbom']

/**
 * The tags of a repository that stand for artifacts about its images. They are looked up in its list of tags,
 * one request for all of them; if that is long or refused, each is requested with HEAD, which no registry
 * counts as a pull.
 */
export class SignatureTags {
  private list: Promise<Set<string> | undefined> | undefined

  constructor(
    readonly client: RegistryClient,
    readonly repository: ReferrersRepository,
  ) {}

  /** What a tag names, if there is such a tag. */
  async fetch(tag: string, signal?: AbortSignal): Promise<ReceivedManifest | undefined> {
    return (await this.has(tag, signal)) ? await this.repository.fetch(tag, signal) : undefined
  }

  /** Those of cosign that there are, of `sha256-<hex>`. */
  async cosignTags(tag: string, signal?: AbortSignal): Promise<string[]> {
    const names = COSIGN.map((kind) => `${tag}.${kind}`)
    const list = await this.listed(signal)
    return list ? names.filter((name) => list.has(name)) : names
  }

  private async has(tag: string, signal?: AbortSignal): Promise<boolean> {
    const list = await this.listed(signal)
    if (list) return list.has(tag)
    const { base, accept, label } = this.repository
    const answer = await this.client.request({
      ...base(signal),
      method: 'HEAD',
      path: `manifests/${tag}`,
      headers: { accept },
      subject: `${label}:${tag}`,
      brief: true,
      // Without HEAD, the GET will tell.
      accept: [404, 405],
    })
    await answer.body.discard()
    return answer.status !== 404
  }

  /** All tags, asked for once; undefined if the list cannot be fetched completely. */
  private listed(signal?: AbortSignal): Promise<Set<string> | undefined> {
    this.list ??= this.askForList(signal)
    return this.list
  }

  private async askForList(signal?: AbortSignal): Promise<Set<string> | undefined> {
    const request = this.repository.base(signal)
    // The first mirror that answers may know of few tags.
    if (this.client.isMirrored(request.registry)) return undefined
    try {
      const list = listPages(this.client, {
        ...request,
        path: 'tags/list',
        subject: `tags of ${this.repository.label}`,
        brief: true,
      })
      // A list of several pages is not read to its end: single requests are cheaper than all tags of a large
      // repository.
      for await (const { document, isLast } of list) {
        if (!isLast || !Array.isArray(document.tags)) return undefined
        return new Set(document.tags.filter((tag) => typeof tag === 'string' && isTag(tag)))
      }
    } catch (error) {
      if (signal?.aborted) throw error
    }
    return undefined
  }
}
