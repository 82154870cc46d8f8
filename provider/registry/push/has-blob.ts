import type { Descriptor } from '../../../manifests/index.js'
import { bodyLength } from '../http.js'
import { askWhether, type Destination } from './destination.js'

/** Whether a repository has a blob, whole. A registry that gives another size has something else. */
export async function hasBlob(
  destination: Destination,
  { digest, size }: Descriptor,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await askWhether(destination, {
    path: `blobs/${digest}`,
    subject: `blob ${digest}`,
    signal,
  })
  // Sending it once more does no harm.
  if (!answer || answer === 'untold') return false
  const found = bodyLength(answer)
  return found === undefined || found === size
}
