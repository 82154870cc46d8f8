import { existsSync } from 'node:fs'

/** The parts of a comma-separated list: `a,b` is two parts, unless there is a file of exactly that name. */
export function partsOf(word: string): string[] {
  if (!word.includes(',') || existsSync(word)) return [word]
  return word
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
