import {
  ContainerImageError,
  familiarRepository,
  isLocalRepository,
  isTag,
  type LocalName,
  show,
  withTaken,
} from '../../manifests/index.js'

/**
 * A name as the repository that docker shows for it: of a reference with its host and path, of a name of the catalog
 * in lower case and with only the signs that a repository may have.
 * @throws INVALID_REFERENCE
 */
export function repositoryFor(name: string): string {
  const lower = name.toLowerCase()
  if (isLocalRepository(lower)) return familiarRepository(lower)
  const repository = lower.replace(/[^a-z0-9._/-]+/g, '-').replace(/(^|\/)[._-]+|[._-]+(\/|$)/g, '$1$2')
  if (isLocalRepository(repository)) return familiarRepository(repository)
  throw new ContainerImageError('INVALID_REFERENCE', `${show(name)} cannot be the name of an image.`, {
    expected: 'letters, digits, and single . _ - between them',
    found: show(name),
    remedy: `Give another name${withTaken('name')}.`,
  })
}

/** A version as a tag: `10.0.14300.1010` as it is, signs that a tag may not have as `_`. */
export function tagFor(version: string): string {
  const tag = version
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, 128)
  if (isTag(tag)) return tag
  throw new ContainerImageError('INVALID_REFERENCE', `${show(version)} cannot be a tag.`, {
    expected: 'letters, digits, . _ and -',
    found: show(version),
    remedy: `Give another version${withTaken('version', 'requiredVersion')}.`,
  })
}

/** The names that an installed image gets: its version, and `latest` if that is wanted. */
export function namesFor(name: string, version: string, latest: boolean): LocalName[] {
  const repository = repositoryFor(name)
  const own = { repository, tag: tagFor(version) }
  return latest && own.tag !== 'latest' ? [own, { repository, tag: 'latest' }] : [own]
}
