import {
  ContainerImageError,
  type Digest,
  formatReference,
  option,
  parseReference,
  type Reference,
  shortDigest,
  show,
} from '../../../manifests/index.js'
import { type CarriedArtifact, carriedWith, withArtifacts } from '../../choice/travelling.js'
import { deleteManifest, deleteTag } from '../../registry/push/delete.js'
import type { Destination } from '../../registry/push/destination.js'
import { manifestDigest } from '../../registry/push/manifests.js'
import { type Context, inContext } from '../../session/context.js'
import type { RemovedReference, RemoveRequest, RemoveResult } from './request.js'
import { type WhatsThere, whatsThere } from './whats-there.js'

/**
 * Removes images from registries. If nothing else needs the manifest of a tag, it is deleted along with the
 * tag, and so is whatever refers to it; if other tags or an index name the manifest, only the tag is removed.
 * With `whatIf` nothing is removed.
 * @throws NOT_FOUND, INVALID_REFERENCE, IN_USE, REGISTRY_READ_ONLY if the registry does not allow deletion,
 * UNAUTHORIZED, network errors
 */
export async function remove(request: RemoveRequest): Promise<RemoveResult> {
  const references = request.references.map((text) => withTagOrDigest(text))
  return await inContext(request, async (context) => {
    const removed: RemovedReference[] = []
    for (const reference of references) removed.push(await removeOne(context, reference, request))
    return { removed }
  })
}

/** Nobody means `latest` by leaving it out when something is to be deleted. @throws INVALID_REFERENCE */
function withTagOrDigest(text: string): Reference {
  const reference = parseReference(text)
  if (reference.tag !== undefined || reference.digest !== undefined) return reference
  throw new ContainerImageError('INVALID_REFERENCE', `${show(text)} names a repository, not an image.`, {
    side: 'destination',
    expected: 'a tag or a digest',
    found: 'neither',
    remedy: 'Name each image with its tag: registry.example.org/app:1.0.',
  })
}

async function removeOne(
  context: Context,
  reference: Reference,
  request: RemoveRequest,
): Promise<RemovedReference> {
  const { insecure, signal, whatIf, noReferrers } = request
  const there = await whatsThere(context, reference, { insecure, signal })
  const how = howToRemove(reference, there, request.force ?? false)
  const artifacts = how === 'untagged' || noReferrers ? [] : await artifactsOf(there, signal)
  if (!whatIf) await removeThere(context, reference, there, how, artifacts, request)
  const gone = how === 'deleted' ? there.tags : there.tags.filter((tag) => tag === reference.tag)
  const named = (tags: string[]): string[] =>
    tags.map((tag) =>
      formatReference({ registry: reference.registry, repository: reference.repository, tag }),
    )
  return {
    reference: formatReference(reference),
    digest: there.root.digest,
    how,
    tags: named(gone),
    remaining: named(there.tags.filter((tag) => !gone.includes(tag))),
    neededBy: named(there.neededBy),
    artifacts,
  }
}

/** @throws IN_USE for a digest that is still needed */
function howToRemove(
  { tag, registry, repository }: Reference,
  { root, tags, neededBy }: WhatsThere,
  force: boolean,
): RemovedReference['how'] {
  const others = tags.filter((one) => one !== tag)
  if (force || (others.length === 0 && neededBy.length === 0)) return 'deleted'
  if (tag !== undefined) return 'untagged'
  throw new ContainerImageError(
    'IN_USE',
    `${registry}/${repository} has ${shortDigest(root.digest)} under tags or in indexes.`,
    {
      side: 'destination',
      expected: 'a manifest that nothing else names',
      found: [...others, ...neededBy.map((one) => `${one} (index)`)].join(', '),
      remedy: `Remove these tags first, or delete it with them with ${option('force')}.`,
    },
  )
}

async function artifactsOf({ source, root }: WhatsThere, signal?: AbortSignal): Promise<CarriedArtifact[]> {
  const image = { source, root, name: '', version: '', platform: undefined, annotations: {} }
  const planned = await withArtifacts(image, { latest: false, signal })
  return carriedWith(root.digest, planned).artifacts ?? []
}

async function removeThere(
  context: Context,
  { registry, repository, tag }: Reference,
  { root, referrersList }: WhatsThere,
  how: RemovedReference['how'],
  artifacts: CarriedArtifact[],
  { insecure = false, noReferrers, signal }: RemoveRequest,
): Promise<void> {
  const destination: Destination = { client: await context.registry(), registry, repository, insecure }
  if (how === 'untagged') return await deleteTag(destination, tag ?? '', signal)
  await deleteManifest(destination, root.digest, signal)
  if ((await manifestDigest(destination, root.digest, signal)) !== undefined)
    context.note(
      `${registry} has taken the request to delete ${shortDigest(root.digest)}, and still answers for it; look again in a while.`,
    )
  for (const { digest, kind } of artifacts) await deleteArtifact(context, destination, digest, kind, signal)
  if (referrersList && !noReferrers)
    await deleteArtifact(context, destination, referrersList, 'list of referrers', signal)
}

/** The image is gone by now; if what referred to it stays, that does no harm. */
async function deleteArtifact(
  context: Context,
  destination: Destination,
  digest: Digest,
  kind: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await deleteManifest(destination, digest, signal)
  } catch (error) {
    if (!(error instanceof ContainerImageError) || error.code === 'INTERRUPTED') throw error
    context.note(`The ${kind} ${digest} stays: ${error.message}`)
  }
}
