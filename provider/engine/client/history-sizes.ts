/**
 * The size of an image's lowest layers according to its history, in bytes. Steps that made no layer have size
 * 0, but so does an empty layer; then the answer is an upper bound.
 * @param steps sizes, newest step first
 * @returns undefined if the history mentions no layer
 */
export function sizeByHistory(steps: readonly number[], layers: number): number | undefined {
  const ofLayers = steps.filter((size) => size > 0).reverse()
  if (ofLayers.length === 0) return undefined
  return ofLayers.slice(0, layers).reduce((sum, size) => sum + size, 0)
}
