/** The document of a command that may be given several names: with one of them it is what it was for that one alone. */
export function oneOrAll<T>(results: readonly T[]): T | readonly T[] {
  const [first] = results
  return first !== undefined && results.length === 1 ? first : results
}
