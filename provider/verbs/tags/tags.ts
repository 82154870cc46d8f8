import { imageTags } from '../../../catalog/sources/repository-tags.js'
import {
  ContainerImageError,
  command,
  formatReference,
  isReference,
  parseReference,
  type Reference,
  show,
} from '../../../manifests/index.js'
import { inParallel } from '../../copy/in-parallel.js'
import { headManifest } from '../../registry/head-manifest.js'
import { RegistryTags } from '../../registry/tags.js'
import { type Context, inContext } from '../../session/context.js'
import { repositoryOfName } from '../../targets/repository-of-name.js'
import { chooseTags } from './choose-tags.js'
import type { ListedTag, TagsRequest, TagsResult } from './request.js'

/** How many digests are requested at the same time. */
const AT_ONCE = 8

/**
 * The tags of a repository, from all pages of the list. No single tag is looked up unless digests are wanted.
 * @throws NO_MATCH, NOT_FOUND, INVALID_REFERENCE, INVALID_VERSION, VERSION_PARAMETERS, USAGE, network errors
 */
export async function tags(request: TagsRequest): Promise<TagsResult> {
  // Before anything is sent.
  chooseTags([], request)
  return await inContext({ ...request, names: [request.repository] }, async (context) => {
    const { registry, repository } = await repositoryOf(context, request)
    const lister = new RegistryTags(await context.registry())
    const { insecure, signal } = request
    const all = await lister.tags(registry, repository, { insecure, signal })
    const chosen = chooseTags(request.allTags ? all : imageTags(all), request)
    const listed = chosen.map(({ text, version }) => ({ tag: text, isVersion: version !== undefined }))
    return {
      repository: formatReference({ registry, repository }),
      total: all.length,
      tags: request.digests ? await withDigests(context, { registry, repository }, listed, request) : listed,
    }
  })
}

/** @throws INVALID_REFERENCE for one with a tag or a digest; NO_MATCH */
async function repositoryOf(
  context: Context,
  { repository: text, source }: TagsRequest,
): Promise<Pick<Reference, 'registry' | 'repository'>> {
  if (!isReference(text)) return await repositoryOfName(context, text, source)
  const reference = parseReference(text)
  if (reference.tag === undefined && reference.digest === undefined) return reference
  throw new ContainerImageError('INVALID_REFERENCE', `${show(text)} is one image, not a repository.`, {
    side: 'source',
    expected: 'host[:port]/path/repo',
    found: show(text),
    remedy: `Leave its tag and its digest out, or look at the one image with ${command('inspect', text)}.`,
  })
}

async function withDigests(
  context: Context,
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  listed: ListedTag[],
  { insecure = false, signal, onProgress }: TagsRequest,
): Promise<ListedTag[]> {
  const client = await context.registry()
  const found: ListedTag[] = [...listed]
  const task = `Asking for ${listed.length} digests`
  onProgress?.({ type: 'begin', task, total: 0 })
  try {
    await inParallel([...listed.entries()], AT_ONCE, signal, async ([at, one], stop) => {
      const head = await headManifest(client, { registry, repository, insecure, signal: stop }, one.tag)
      if (head === undefined || head === 'untold') return
      const { digest, mediaType } = head
      found[at] = { ...one, digest, ...(mediaType === undefined ? {} : { mediaType }) }
    })
  } finally {
    onProgress?.({ type: 'end', task })
  }
  return found
}
