import { ContainerImageError } from '../../../manifests/index.js'

/** An error for something that is not a database of advisories, or is damaged. */
export function damagedDatabase(expected: string, found: string, file?: string): ContainerImageError {
  const what = file === undefined ? 'The database of advisories' : file
  return new ContainerImageError('DATABASE_INVALID', `${what} cannot be read as a database of advisories.`, {
    side: 'source',
    expected,
    found,
    ...(file === undefined ? {} : { details: { path: file } }),
  })
}
