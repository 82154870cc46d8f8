import type { Digest } from '../../manifests/index.js'
import type { LayerOs } from '../archives/layers/whiteout.js'

/** What is known about a layer before it is checked. */
export interface ExpectedLayer {
  os: LayerOs
  /** What configs say is the digest of its tar; all of them must be right. */
  diffIds: ReadonlySet<Digest>
  /** It is the lowest layer of an image, so nothing is below it. */
  isFirst: boolean
}
