/**
 * The document of a command that accepts several names: with a single one it is the same as before there
 * could be several.
 */
export function oneOrAll<T>(results: readonly T[]): T | readonly T[] {
  const [first] = results
  return first !== undefined && results.length === 1 ? first : results
}
