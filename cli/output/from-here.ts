import path from 'node:path'

/** A path below the current folder as people would type it; any other unchanged. */
export function fromHere(file: string): string {
  const relative = path.relative('.', file)
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : `.${path.sep}${relative}`
}
