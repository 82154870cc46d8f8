import {
  ANNOTATIONS,
  BLOBS_FOLDER,
  ContainerImageError,
  type Descriptor,
  type Digest,
  isDigest,
  show,
} from '../../../manifests/index.js'
import { type Member, type Members, whatIs } from '../../archives/members/members.js'
import { type BlobToCheck, type HashOptions, hashBlobs } from '../../copy/check/hash-blobs.js'
import { problemOf } from '../../copy/check/problems.js'
import type { VerifyProblem, VerifyResult } from '../../copy/check/verify-result.js'
import { walkDocuments } from '../../copy/check/walk.js'
import type { ImageCollection, NamedImage } from '../../copy/ports.js'
import type { FileRange } from '../../io/bytes.js'

/**
 * Checks a layout completely: every document, every blob that one of them names, and every other blob that is
 * there; each is read from its first byte to its last.
 */
export async function verifyLayout(
  collection: ImageCollection,
  members: Members,
  options: HashOptions,
): Promise<VerifyResult> {
  const roots = (await collection.images()).map((image) => image.root)
  const walked = await walkDocuments(collection, roots, options.signal)
  const there = await blobsThere(members)
  const told = new ToldOnce([...walked.problems, ...there.problems])
  const left = new Set(collection.delta?.missing.map(({ digest }) => digest))
  const leftOut: Descriptor[] = []
  for (const descriptor of walked.needed.values()) {
    const blob = there.blobs.get(descriptor.digest)
    if (!blob && left.has(descriptor.digest)) leftOut.push(descriptor)
    else if (!blob && (await collection.holds?.(descriptor)))
      there.blobs.set(
        descriptor.digest,
        elsewhere(collection, descriptor, await collection.locate?.(descriptor)),
      )
    else if (!blob) told.add(problemOf(missing(descriptor), { descriptor, path: members.label }))
    else blob.descriptor = descriptor
  }
  for (const blob of there.blobs.values()) blob.layer = walked.layers.of(blob.descriptor)
  const blobs = [...there.blobs.values()]
  const bytes = blobs.reduce((sum, blob) => sum + blob.descriptor.size, 0)
  options.onProgress?.({ type: 'begin', task: `Verifying ${members.label}`, total: bytes })
  for (const problem of await hashBlobs(inOrder(blobs, members), options)) told.add(problem)
  options.onProgress?.({ type: 'end', task: `Verifying ${members.label}` })
  const plain = plainOnes(await collection.images())
  return {
    ok: told.problems.length === 0,
    blobs: blobs.length,
    bytes,
    problems: told.problems,
    leftOut: leftOut.length > 0 ? counted(leftOut) : undefined,
    plain: plain.length > 0 ? plain : undefined,
  }
}

/** Images that replace one with compressed layers: complete, but not what a signature is about. */
function plainOnes(images: NamedImage[]): NonNullable<VerifyResult['plain']> {
  const found = new Map<Digest, Digest>()
  for (const { root, annotations } of images) {
    const original = annotations[ANNOTATIONS.original]
    if (isDigest(original)) found.set(root.digest, original)
  }
  return [...found].map(([digest, original]) => ({ digest, original }))
}

function counted(descriptors: Descriptor[]): VerifyResult['leftOut'] {
  return { blobs: descriptors.length, bytes: descriptors.reduce((sum, { size }) => sum + size, 0) }
}

async function blobsThere(
  members: Members,
): Promise<{ blobs: Map<string, BlobToCheck>; problems: VerifyProblem[] }> {
  const blobs = new Map<string, BlobToCheck>()
  const problems: VerifyProblem[] = []
  for (const member of await members.list()) {
    const [folder, algorithm, hex, ...more] = member.name.split('/')
    if (folder !== BLOBS_FOLDER || member.kind === 'folder') continue
    const digest = `${algorithm}:${hex}`
    // A file that somebody put among the blobs is not a blob, and no image names it.
    if (more.length > 0 || !isDigest(digest)) continue
    if (member.kind !== 'file') {
      problems.push(problemOf(noBlob(member), { path: member.name }))
      continue
    }
    const range = await members.locate(member.name)
    blobs.set(digest, {
      descriptor: { mediaType: '', digest, size: member.size },
      path: member.name,
      read: (signal) => members.read(member.name, { signal }),
      range,
    })
  }
  return { blobs, problems }
}

/** What the collection has in addition to its blobs: the index itself, and what another list in it names. */
function elsewhere(
  collection: ImageCollection,
  descriptor: Descriptor,
  range: FileRange | undefined,
): BlobToCheck {
  return {
    descriptor,
    path: collection.label,
    read: (signal) => collection.read(descriptor, { signal }),
    range,
  }
}

function inOrder(blobs: BlobToCheck[], members: Members): BlobToCheck[] {
  if (!members.forwardOnly) return [...blobs].sort((a, b) => b.descriptor.size - a.descriptor.size)
  return [...blobs].sort((a, b) => members.position(a.path) - members.position(b.path))
}

/** A damaged document is found both by the walk and by hashing; it is reported once. */
class ToldOnce {
  private readonly digests: Set<Digest | undefined>

  constructor(readonly problems: VerifyProblem[]) {
    this.digests = new Set(problems.map(({ digest }) => digest))
  }

  add(problem: VerifyProblem): void {
    if (problem.digest !== undefined && this.digests.has(problem.digest)) return
    this.digests.add(problem.digest)
    this.problems.push(problem)
  }
}

function missing(descriptor: Descriptor): ContainerImageError {
  return new ContainerImageError('BLOB_MISSING', `Blob ${descriptor.digest} is missing.`, {
    expected: `${descriptor.size} bytes`,
    found: 'nothing',
  })
}

function noBlob(member: Member): ContainerImageError {
  const name = show(member.name)
  return new ContainerImageError('UNSAFE_NAME', `${name} is ${whatIs(member)}, not a blob.`, {
    expected: 'files named by their digest',
    found: whatIs(member),
  })
}
