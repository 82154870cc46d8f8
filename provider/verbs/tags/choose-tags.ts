import { newestFirst, type VersionKey, versionKey } from '../../../catalog/entry-version.js'
import { compareVersions } from '../../../catalog/version.js'
import { checkVersionParameters, type VersionChoice } from '../../../catalog/version-parameters.js'
import { matcher } from '../../../catalog/wildcard.js'
import { ContainerImageError, option } from '../../../manifests/index.js'
import type { TagsRequest } from './request.js'

/** Which tags of a repository a request means, and in which order. */
export type TagChoice = Pick<
  TagsRequest,
  'filter' | 'exclude' | 'newest' | 'requiredVersion' | 'minimumVersion' | 'maximumVersion'
>

/**
 * The tags that a request means: versions first, newest at the top, and then the rest by their text. The time
 * it takes grows with their number like sorting.
 * @throws USAGE for an invalid pattern or number, VERSION_PARAMETERS, INVALID_VERSION
 */
export function chooseTags(tags: readonly string[], choice: TagChoice): VersionKey[] {
  const { filter = [], exclude = [], newest } = choice
  if (newest !== undefined && !(Number.isSafeInteger(newest) && newest > 0))
    throw new ContainerImageError('USAGE', `${option('newest')} takes a number of tags.`, {
      expected: '1 or more',
      found: newest,
    })
  const wanted = filter.map(matcher)
  const unwanted = exclude.map(matcher)
  // With any name, bounds are allowed: the repository is one.
  const isMeant = versionTest(checkVersionParameters(choice, ['a repository']))
  const keys = tags
    .filter((tag) => wanted.length === 0 || wanted.some((matches) => matches(tag)))
    .filter((tag) => !unwanted.some((matches) => matches(tag)))
    .map((tag) => versionKey({ version: tag }))
    .filter(isMeant)
    .sort(newestFirst)
  return newest === undefined ? keys : keys.slice(0, newest)
}

function versionTest(choice: VersionChoice): (key: VersionKey) => boolean {
  switch (choice.kind) {
    case 'newest':
    case 'all':
      return () => true
    case 'wildcard':
      return ({ text }) => choice.matches(text)
    case 'exact':
      return ({ text, version }) =>
        text === choice.text ||
        (version !== undefined &&
          choice.version !== undefined &&
          compareVersions(version, choice.version) === 0)
    case 'range': {
      const { minimum, maximum } = choice
      return ({ version }) =>
        version !== undefined &&
        (minimum === undefined || compareVersions(version, minimum) >= 0) &&
        (maximum === undefined || compareVersions(version, maximum) <= 0)
    }
  }
}
