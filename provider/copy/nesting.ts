import { ContainerImageError, LIMITS } from '../../manifests/index.js'

/** @throws NESTING_TOO_DEEP where an index stands below too many others; the outermost has depth 0 */
export function refuseDeeper(depth: number, label: string): void {
  if (depth < LIMITS.indexDepth) return
  throw new ContainerImageError('NESTING_TOO_DEEP', `${label}: indexes are nested too deep.`, {
    side: 'source',
    expected: `at most ${LIMITS.indexDepth} levels`,
    found: 'more',
  })
}
