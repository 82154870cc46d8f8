import {
  ContainerImageError,
  command,
  formatReference,
  insteadOf,
  isReference,
  parseReference,
  show,
} from '../../../manifests/index.js'
import { splitTag } from '../../names/split-tag.js'
import { inContext } from '../../session/context.js'
import { Failures } from '../../session/failures.js'
import { repositoryTags } from '../../targets/repository-tags.js'
import { isWrittenAsPath } from '../../targets/written-as-path.js'
import { find } from '../find/find.js'
import { install } from '../install/install.js'
import type { InstallResult } from '../install/request.js'
import type { PullRequest } from './request.js'

/**
 * Fetches images from a registry into the store, as `docker pull` does: by full reference, or by a name in the catalog
 * with a tag. Without a tag it takes `latest`, or with `allTags` every tag; the store's `latest` moves only if that is
 * the tag. All come in one copy; with `allTags`, one that cannot be fetched is reported at the end, and the others are
 * there.
 * @throws as install; INVALID_REFERENCE for a path
 */
export async function pull(request: PullRequest): Promise<InstallResult> {
  const { references, allTags, ...others } = request
  const targets: string[] = []
  const failures = new Failures(request)
  for (const reference of references)
    await failures.attempt(reference, async () => {
      if (isWrittenAsPath(reference)) throw noReference(reference)
      targets.push(...(allTags ? await everyTag(reference, request) : [withTag(reference)]))
    })
  const keepGoing = request.keepGoing === true || allTags === true
  const result = await install({ ...others, targets, noLatest: true, together: true, keepGoing })
  const failed = [...failures.failed, ...(result.failed ?? [])]
  return failed.length > 0 ? { ...result, failed } : result
}

function noReference(text: string): ContainerImageError {
  return new ContainerImageError(
    'INVALID_REFERENCE',
    `${show(text)} is a path, and no image of a registry.`,
    {
      side: 'source',
      expected: 'host[:port]/path/repo[:tag], or a name in the catalog',
      found: 'a path',
      remedy: `From a file or a folder: ${command('install', text)}.`,
    },
  )
}

/** Without a tag, the catalog would take the newest version. */
function withTag(name: string): string {
  if (insteadOf(name) !== undefined) return name
  if (!isReference(name)) return splitTag(name).tag === undefined ? `${name}:latest` : name
  const { tag, digest } = parseReference(name)
  return tag === undefined && digest === undefined ? `${name}:latest` : name
}

/** A reference with each of its repository's tags; a name in the catalog with each of its versions. */
async function everyTag(text: string, request: PullRequest): Promise<string[]> {
  if (!isReference(text)) return await everyVersion(text, request)
  const { registry, repository, tag, digest } = parseReference(text)
  if (tag !== undefined || digest !== undefined) return [text]
  return await inContext(request, async (context) => {
    const tags = await repositoryTags(context, { registry, repository }, request)
    return tags.map((one) => formatReference({ registry, repository, tag: one }))
  })
}

async function everyVersion(name: string, request: PullRequest): Promise<string[]> {
  const { references: _, allTags: __, allPlatforms: ___, ...others } = request
  const { images } = await find({ ...others, names: [name], allVersions: true })
  return images.map((image) => image.reference ?? `${image.name}:${image.version}`)
}
