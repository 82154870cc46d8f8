import { ContainerImageError } from '../../../manifests/index.js'

/** What is no database of advisories, or a damaged one. */
export function damagedDatabase(expected: string, found: string, file?: string): ContainerImageError {
  const what = file === undefined ? 'The database of advisories' : file
  return new ContainerImageError('DATABASE_INVALID', `${what} cannot be read as a database of advisories.`, {
    side: 'source',
    expected,
    found,
    ...(file === undefined ? {} : { details: { path: file } }),
  })
}
