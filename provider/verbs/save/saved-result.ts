import { type Descriptor, type Digest, formatPlatform, savedBytes } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { platformsOfIndex } from '../../choice/platforms-of-index.js'
import { carriedWith } from '../../choice/travelling.js'
import type { CopyPlan } from '../../copy/ports.js'
import { telling } from '../../io/telling.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest, SaveResult } from './request.js'

/**
 * Images as the result of a save lists them. The plan is searched once, not again for each of thousands of
 * images.
 */
export function savedImages(images: readonly ChosenImage[], plan: CopyPlan): SaveResult['images'] {
  const all = [...plan.contents, ...(plan.delta?.missing ?? [])]
  const sizes = new Map(all.map(({ digest, size }) => [digest, size]))
  const along = plan.images.filter(({ goesWith }) => goesWith !== undefined)
  return images.map((image) => ({
    name: image.name,
    version: image.version,
    platform: formatPlatform(image.platform),
    ...platformsOfIndex(image.root, plan),
    digest: image.root.digest,
    size: sizeOf(image.root, plan, sizes),
    ...image.artifact,
    ...carriedWith(image.root.digest, along),
  }))
}

/** Adds what bases have saved, for each file. */
export function tellDelta(result: SaveResult, { delta }: CopyPlan): void {
  if (!delta) return
  const { bases, savedBytes: before } = result.delta ?? { bases: [], savedBytes: 0 }
  const known = new Set(bases.map(({ id }) => id))
  const added = delta.bases.filter(({ id }) => !known.has(id))
  result.delta = { bases: [...bases, ...added], savedBytes: before + savedBytes(delta) }
}

/** Bytes of everything that a root needs, in this plan. */
function sizeOf(root: Descriptor, plan: CopyPlan, sizes: ReadonlyMap<Digest, number>): number {
  const seen = new Set<Digest>()
  const visit = (digest: Digest): number => {
    if (seen.has(digest)) return 0
    seen.add(digest)
    const document = plan.documents.get(digest)
    const size = sizes.get(digest) ?? 0
    if (!document) return size
    const { manifests, config, layers } = JSON.parse(Buffer.from(document).toString('utf8')) as {
      manifests?: Descriptor[]
      config?: Descriptor
      layers?: Descriptor[]
    }
    const children = [...(manifests ?? []), ...(layers ? [config, ...layers] : [])]
    return size + children.reduce((sum, child) => sum + (child?.digest ? visit(child.digest) : 0), 0)
  }
  return visit(root.digest)
}

/** The SHA-256 of a file that was there before, or was not hashed on the way. */
export async function hashOf(
  context: Context,
  file: string,
  size: number,
  request: SaveRequest,
): Promise<string> {
  const { signal, onProgress } = request
  const told = { task: `Hashing ${file}`, id: file, label: 'file', size, kind: 'verified' as const }
  const source = { path: file, offset: 0, size }
  const { hex } = await telling(onProgress, told, (onBytes) =>
    context.hasher.run({ source, algorithm: 'sha256' }, { onBytes, signal }),
  )
  return hex
}
