import {
  ANNOTATIONS,
  blobPath,
  ContainerImageError,
  checkLayoutFile,
  type Descriptor,
  type Digest,
  INDEX_FILE,
  isDigest,
  isManifestType,
  LAYOUT_FILE,
  LIMITS,
  type Manifest,
  parseIndex,
  parseManifest,
  show,
} from '../../manifests/index.js'
import type { Members } from '../members/members.js'
import type { ImageCollection, NamedImage } from '../ports.js'
import { collect, readVerified } from '../verified/read-verified.js'

/**
 * An OCI image layout (image-layout.md), in a folder or in an archive.
 * @throws LAYOUT_INVALID, INVALID_DOCUMENT
 */
export async function layoutSource(members: Members, format: string): Promise<ImageCollection> {
  checkLayoutFile(await readDocument(members, LAYOUT_FILE, 64 * 1024))
  const images = namedImages(await readIndex(members))
  const source: ImageCollection = {
    label: members.label,
    format,
    concurrency: members.forwardOnly ? 1 : 4,
    async images() {
      return images
    },
    async resolve(name) {
      const found = images.find((image) => image.refName === name || image.root.digest === name)
      if (found) return found.root
      throw new ContainerImageError('NOT_FOUND', `${members.label} has no image ${show(name)}.`, {
        side: 'source',
        expected: show(name),
        found: images.map((image) => image.refName ?? image.root.digest).join(', ') || 'no images',
      })
    },
    read: (descriptor, options) => members.read(blobPath(descriptor.digest), options),
    locate: (descriptor) => members.locate(blobPath(descriptor.digest)),
    order: (descriptors) => inOrderOfThePlace(descriptors, members),
    referrers: (digest) => referrersIn(source, images, digest),
    close: () => members.close(),
  }
  return source
}

async function readIndex(members: Members) {
  return parseIndex(await readDocument(members, INDEX_FILE, LIMITS.indexBytes))
}

/** A file of the layout that has no digest of its own. */
async function readDocument(members: Members, name: string, limit: number): Promise<Uint8Array> {
  const member = await members.find(name)
  if (member?.kind !== 'file')
    throw new ContainerImageError(
      'LAYOUT_INVALID',
      `${members.label} is no OCI image layout: it has no ${name}.`,
      {
        side: 'source',
        expected: `a file ${name}`,
        found: member?.kind ?? 'nothing',
      },
    )
  return await collect(members.read(name), limit)
}

function namedImages(index: { manifests: Descriptor[] }): NamedImage[] {
  return index.manifests.map((root) => {
    const annotations = root.annotations ?? {}
    const refName = annotations[ANNOTATIONS.containerdName] ?? annotations[ANNOTATIONS.refName]
    return { root, annotations, ...(refName === undefined ? {} : { refName }) }
  })
}

function inOrderOfThePlace(descriptors: Descriptor[], members: Members): Descriptor[] {
  const position = (d: Descriptor): number => members.position(blobPath(d.digest))
  return [...descriptors].sort((a, b) => position(a) - position(b))
}

/** The artifacts of the index whose subject is this digest, or whose tag follows cosign's scheme for it. */
async function referrersIn(
  source: ImageCollection,
  images: NamedImage[],
  digest: Digest,
): Promise<Descriptor[]> {
  const tagStart = digest.replace(':', '-')
  const found: Descriptor[] = []
  for (const image of images) {
    const tag = image.annotations[ANNOTATIONS.refName]?.split(':').at(-1)
    if (tag?.startsWith(`${tagStart}.`))
      found.push({ ...image.root, annotations: { [ANNOTATIONS.refName]: tag } })
    else if ((await subjectOf(source, image.root)) === digest) found.push(image.root)
  }
  return found
}

async function subjectOf(source: ImageCollection, root: Descriptor): Promise<Digest | undefined> {
  if (!isManifestType(root.mediaType) || !isDigest(root.digest)) return undefined
  const manifest: Manifest = parseManifest(
    await readVerified(source, root, LIMITS.manifestBytes),
    root.mediaType,
  )
  return manifest.subject?.digest
}
