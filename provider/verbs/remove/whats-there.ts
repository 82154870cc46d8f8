import { imageTags } from '../../../catalog/sources/repository-tags.js'
import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatReference,
  hasCode,
  isIndexType,
  type Reference,
  show,
} from '../../../manifests/index.js'
import { readIndex } from '../../copy/documents.js'
import { inParallel } from '../../copy/in-parallel.js'
import { entriesBelow } from '../../copy/index-entries.js'
import type { ImageSource } from '../../copy/ports.js'
import { headManifest } from '../../registry/head-manifest.js'
import { openRegistrySource } from '../../registry/source.js'
import { RegistryTags } from '../../registry/tags.js'
import type { Context } from '../../session/context.js'

/** Requests side by side. */
const AT_ONCE = 8

/** What a repository has that matters when one of its images is removed. */
export interface WhatsThere {
  source: ImageSource
  root: Descriptor
  /** Every tag that names the same manifest, the one that was asked for included. */
  tags: string[]
  /** Tags of indexes that name it. */
  neededBy: string[]
  /** The list of its referrers, if the registry keeps that under a tag. */
  referrersList?: Digest
}

/**
 * Finds out what a reference names, and what else in its repository has the same manifest. Every tag is
 * looked up by HEAD, which no registry counts; an index is read only if it may need the manifest.
 * @throws NOT_FOUND, DIGEST_MISMATCH if a tag and a digest name different images, network errors
 */
export async function whatsThere(
  context: Context,
  reference: Reference,
  { insecure = false, signal }: { insecure?: boolean | undefined; signal?: AbortSignal | undefined },
): Promise<WhatsThere> {
  const { registry, repository, tag, digest } = reference
  const client = await context.registry()
  const source = openRegistrySource(client, reference, { insecure })
  const root = await source.resolve(tag ?? digest ?? '', { signal })
  if (digest !== undefined && digest !== root.digest) throw another(reference, root.digest)
  const lister = new RegistryTags(client)
  const all = await lister.tags(registry, repository, { insecure, signal })
  const found: WhatsThere = { source, root, tags: [], neededBy: [] }
  const listTag = root.digest.replace(':', '-')
  if (all.includes(listTag)) {
    const list = await headManifest(client, { registry, repository, insecure, signal }, listTag)
    if (list && list !== 'untold' && list.digest !== root.digest) found.referrersList = list.digest
  }
  await inParallel(imageTags(all), AT_ONCE, signal, async (one, stop) => {
    const named = await namedBy(one, stop)
    if (named === undefined) return
    if (named.digest === root.digest) found.tags.push(one)
    else if (isIndexType(named.mediaType ?? '') && (await hasBelow(source, named, root.digest, stop)))
      found.neededBy.push(one)
  })
  found.tags.sort()
  found.neededBy.sort()
  return found

  async function namedBy(
    one: string,
    stop: AbortSignal,
  ): Promise<(Partial<Descriptor> & { digest: Digest }) | undefined> {
    const head = await headManifest(client, { registry, repository, insecure, signal: stop }, one)
    if (head !== 'untold' && (head === undefined || head.mediaType !== undefined)) return head
    return await source.resolve(one, { signal: stop }).catch((error: unknown) => {
      // A tag that names nothing does not matter.
      if (hasCode(error, 'NOT_FOUND', 'INVALID_DOCUMENT')) return undefined
      throw error
    })
  }
}

async function hasBelow(
  source: ImageSource,
  { digest, mediaType = '', size = 0 }: Partial<Descriptor> & { digest: Digest },
  wanted: Digest,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const index = size > 0 ? { digest, mediaType, size } : await source.resolve(digest, { signal })
    const entries = await entriesBelow(index, source.label, (one) => readIndex(source, one, signal))
    return entries.some((entry) => entry.digest === wanted)
  } catch (error) {
    // An index that cannot be read cannot be used either.
    if (
      hasCode(error, 'NOT_FOUND', 'INVALID_DOCUMENT', 'NESTING_TOO_DEEP', 'DIGEST_MISMATCH', 'SIZE_MISMATCH')
    )
      return false
    throw error
  }
}

function another(reference: Reference, found: Digest): ContainerImageError {
  return new ContainerImageError('DIGEST_MISMATCH', `${show(formatReference(reference))} are two images.`, {
    side: 'destination',
    expected: reference.digest,
    found,
    remedy: 'Name the image by its tag or by its digest alone.',
  })
}
