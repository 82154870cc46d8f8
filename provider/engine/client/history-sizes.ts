/**
 * The size of an image's lowest layers by its history, in bytes. Steps that made no layer have none; so has a layer
 * with nothing in it, and then the answer is what these layers have at most.
 * @param steps sizes, of the newest step first
 * @returns undefined where the history tells of no layer
 */
export function sizeByHistory(steps: readonly number[], layers: number): number | undefined {
  const ofLayers = steps.filter((size) => size > 0).reverse()
  if (ofLayers.length === 0) return undefined
  return ofLayers.slice(0, layers).reduce((sum, size) => sum + size, 0)
}
