import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  type Descriptor,
  isImageManifest,
  type Manifest,
  shortDigest,
  show,
} from '../../manifests/index.js'
import { readManifest } from '../copy/documents.js'
import { manifestsBelow } from '../copy/manifests-below.js'
import type { CopyPlan, ImageSource } from '../copy/ports.js'
import { verified } from '../copy/verified.js'
import { type OpenImage, opened } from '../inside/image/open-image.js'
import { readTree } from '../inside/tree/read-tree.js'
import { unpackContents } from '../inside/unpack/unpack-tree.js'
import { checkSpace } from '../io/files/space.js'
import { writeNewFile } from '../io/files/write-new-file.js'

/**
 * Puts what a plan takes into a folder to be checked: for each image its files with all layers applied, for
 * anything else its blobs. There are no links, devices or pipes among them, which could lead a program
 * elsewhere, and all of them are readable.
 * @returns how many images and artifacts there are
 * @throws GATE_REFUSED if a file cannot be created here, and so would go unchecked
 */
export async function layOut(
  source: ImageSource,
  plan: CopyPlan,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const roots = plan.images.flatMap(({ root }) => manifestsBelow(plan, root))
  const manifests = [...new Map(roots.map((root) => [root.digest, root])).values()]
  for (const [at, root] of manifests.entries()) {
    const place = path.join(folder, `${at + 1}-${shortDigest(root.digest)}`)
    await mkdir(place, { mode: 0o700 })
    const manifest = await readManifest(source, root, signal)
    if (isImageManifest(manifest)) await layImage(source, root, place, signal)
    else await layBlobs(source, manifest, place, signal)
  }
  return manifests.length
}

async function layImage(
  source: ImageSource,
  root: Descriptor,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const image: OpenImage = await opened(
    source,
    { root, platform: undefined },
    root.digest,
    async () => {},
    signal,
  )
  const tree = await readTree(image, signal ? { signal } : {})
  let bytes = 0
  for (const { size, sameAs } of tree.entries()) if (sameAs === undefined) bytes += size
  await checkSpace(place, bytes)
  const { losses } = await unpackContents(image, tree, place, { signal })
  const [first] = losses.list
  if (first)
    throw new ContainerImageError('GATE_REFUSED', `${show(first.path)} cannot be unpacked for the gate.`, {
      expected: 'a file that can be made here',
      found: first.what,
      details: { digest: root.digest, files: losses.list.slice(0, 100).map((loss) => loss.path) },
      remedy: 'Check the image on a host with another file system; none of it was taken.',
    })
}

async function layBlobs(
  source: ImageSource,
  manifest: Manifest,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const blobs = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]))
  for (const blob of blobs.values()) {
    await checkSpace(place, blob.size)
    const bytes = verified(source.read(blob, signal ? { signal } : {}), blob, signal ? { signal } : {})
    await writeNewFile(path.join(place, blob.digest.replace(':', '-')), bytes)
  }
}
