import { type Digest, hasCode } from '../../../manifests/index.js'
import type { Engine, EngineImage } from './engine.js'

/**
 * How much an engine frees with some of its images, by their ids, in bytes as the engine counts them: a layer
 * that another image builds on stays, and one that several of them share is counted once. If nothing says how
 * large the shared layers are, none is counted.
 * @param all images of the engine, before any of them is removed
 */
export async function freedByEach(
  engine: Pick<Engine, 'sizeBelow'>,
  all: readonly EngineImage[],
  going: ReadonlySet<Digest>,
  signal?: AbortSignal,
): Promise<Map<Digest, number>> {
  const freed = new Map<Digest, number>()
  const standing = all.filter(({ id }) => !going.has(id))
  for (const image of all.filter(({ id }) => going.has(id))) {
    if (freed.has(image.id)) continue
    const shared = Math.max(0, ...standing.map((other) => sharedLayers(image, other)))
    freed.set(image.id, image.size - (await sizeOfLowest(engine, all, image, shared, signal)))
    standing.push(image)
  }
  return freed
}

/**
 * A missing figure is no reason to keep an image: podman 4.3 behind a socket crashes over steps without a
 * time.
 */
async function toldSize(
  engine: Pick<Engine, 'sizeBelow'>,
  image: EngineImage,
  layers: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  try {
    return await engine.sizeBelow(image, layers, { signal })
  } catch (error) {
    if (hasCode(error, 'ENGINE_REFUSED')) return undefined
    throw error
  }
}

/** Layers build on each other: what two images share is at the bottom of both. */
function sharedLayers({ diffIds: one }: EngineImage, { diffIds: other }: EngineImage): number {
  const differs = one.findIndex((diffId, i) => diffId !== other[i])
  return differs < 0 ? one.length : differs
}

async function sizeOfLowest(
  engine: Pick<Engine, 'sizeBelow'>,
  all: readonly EngineImage[],
  image: EngineImage,
  layers: number,
  signal?: AbortSignal,
): Promise<number> {
  if (layers === 0) return 0
  if (layers === image.diffIds.length) return image.size
  const told = await toldSize(engine, image, layers, signal)
  if (told !== undefined) return told
  const base = all.find((other) => other.diffIds.length === layers && sharedLayers(other, image) === layers)
  return base?.size ?? image.size
}
