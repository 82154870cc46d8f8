import {
  ContainerImageError,
  command,
  isReference,
  option,
  parseReference,
  show,
} from '../../../manifests/index.js'
import { closing } from '../../io/closing/closing.js'
import { Mounts } from '../../registry/push/mounts.js'
import { type Context, inContext } from '../../session/context.js'
import { Failures } from '../../session/failures.js'
import { withReadable } from '../../targets/readable.js'
import { repositoryTags } from '../../targets/repository-tags.js'
import { sendInto } from '../push/send-into.js'
import { type CopyDestination, copyDestination } from './destination.js'
import { imageToCopy, tagged } from './images-to-copy.js'
import type { CopyRequest, CopyResult } from './request.js'

/**
 * Copies an image to a registry under an exact name, from another registry or from anything that can be
 * opened. None of it is written to this machine's disks. Digests stay as they are, what is already there is
 * not sent, and blobs that another repository of the same registry has are mounted from there. Running it
 * again continues.
 * @throws INVALID_REFERENCE, AMBIGUOUS_NAME, NO_MATCH, PLATFORM_NOT_FOUND, UNAUTHORIZED, REGISTRY_READ_ONLY, NO_SPACE,
 * network errors and more: see docs/errors.md
 */
export async function copy(request: CopyRequest): Promise<CopyResult> {
  return await withReadable(request, [request.image], ([image = ''], rest) => copyOpened({ ...rest, image }))
}

async function copyOpened(request: CopyRequest): Promise<CopyResult> {
  const destination = copyDestination(request.destination, request.image)
  // Credentials for this run are for the destination.
  return await inContext({ ...request, registry: destination.registry }, async (context) => {
    const result: CopyResult = { images: [], sentBytes: 0, mountedBytes: 0, reusedBytes: 0 }
    const mounts = new Mounts()
    if (request.allTags) await copyAllTags(context, destination, mounts, request, result)
    else await copyOne(context, request.image, destination, mounts, request, result)
    if (context.verdict) result.gate = context.verdict
    return result
  })
}

async function copyOne(
  context: Context,
  word: string,
  destination: CopyDestination,
  mounts: Mounts,
  request: CopyRequest,
  result: CopyResult,
): Promise<void> {
  const { image, close } = await imageToCopy(context, word, destination, request)
  await closing(close, async () => {
    const { registry, repository } = destination
    const place = { registry, repository, insecure: request.insecure ?? false }
    await sendInto(context, place, [image], mounts, request, result, 'Copying')
  })
}

async function copyAllTags(
  context: Context,
  destination: CopyDestination,
  mounts: Mounts,
  request: CopyRequest,
  result: CopyResult,
): Promise<void> {
  refuseOneTag(request, destination)
  const tags = await repositoryTags(context, parseReference(request.image), request)
  const { tags: _, ...one } = request
  const failures = new Failures({ keepGoing: true, signal: request.signal })
  for (const tag of tags) {
    const reference = tagged(request.image, tag)
    await failures.attempt(reference, async () => {
      await copyOne(context, reference, { ...destination, tag }, mounts, one, result)
    })
    if (failures.failed.length === MOST_FAILURES && result.images.length === 0) break
  }
  if (failures.failed.length > 0) result.failed = failures.failed
}

/** Where none of so many can be copied, none can. */
const MOST_FAILURES = 5

/** @throws USAGE */
function refuseOneTag({ image, tags = [] }: CopyRequest, destination: CopyDestination): void {
  const reference = isReference(image) ? parseReference(image) : undefined
  const isRepository = reference && reference.tag === undefined && reference.digest === undefined
  const isPlain = destination.tag === undefined && destination.digest === undefined && tags.length === 0
  if (isRepository && isPlain) return
  throw new ContainerImageError('USAGE', `${option('allTags')} copies a repository to a repository.`, {
    expected: 'host[:port]/path/repo twice, without a tag',
    found: `${show(image)}${isPlain ? '' : ' to one tag'}`,
    remedy: `For one tag leave ${option('allTags')} out: ${command('copy', 'HOST/NAME:TAG', 'HOST/NAME:TAG')}.`,
  })
}
