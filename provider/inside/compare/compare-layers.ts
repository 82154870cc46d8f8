import type { Descriptor, Digest } from '../../../manifests/index.js'
import type { OpenImage } from '../image/open-image.js'

/** One layer as it is stored. */
export interface ComparedLayer {
  /** Of its bytes as they are stored. */
  digest: Digest
  /** In bytes. */
  size: number
}

/** Which layers two images have in common. */
export interface LayerComparison {
  /** Those that both have, from the lowest up. */
  shared: ComparedLayer[]
  /** Those of the first image above them. */
  first: ComparedLayer[]
  /** Those of the second image above them. */
  second: ComparedLayer[]
}

/** Images share layers from the bottom up; everything above the first difference counts as different. */
export function compareLayers(first: OpenImage, second: OpenImage): LayerComparison {
  const [a, b] = [first.layers, second.layers]
  let shared = 0
  while (shared < a.length && a[shared]?.digest === b[shared]?.digest) shared++
  return {
    shared: a.slice(0, shared).map(compared),
    first: a.slice(shared).map(compared),
    second: b.slice(shared).map(compared),
  }
}

function compared({ digest, size }: Descriptor): ComparedLayer {
  return { digest, size }
}
