import { ContainerImageError, show } from '../manifests/index.js'
import { parseVersion } from './version.js'

/** What a tag counts as: see `comparesAs` of an entry. */
export type TagRule = (tag: string) => { comparesAs?: string }

/**
 * Which tags of a repository are versions.
 * @param pattern a regular expression that a version's whole tag matches; what its first group captures is
 * the version, or the whole tag where it has no group. A single number counts as `N.0`. Without a pattern a
 * tag that reads as a version is one.
 * @throws SOURCE_INVALID if the pattern is not a regular expression
 */
export function tagRule(pattern: string | undefined): TagRule {
  if (pattern === undefined) return () => ({})
  const expression = compiled(pattern)
  return (tag) => {
    const match = expression.exec(tag)
    const text = match ? (match[1] ?? match[0]) : ''
    const dotted = /^[0-9]+$/.test(text) ? `${text}.0` : text
    if (parseVersion(dotted) === undefined) return { comparesAs: '' }
    return dotted === tag ? {} : { comparesAs: dotted }
  }
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch (cause) {
    throw new ContainerImageError(
      'SOURCE_INVALID',
      `The tag rule ${show(pattern)} is not a regular expression.`,
      {
        expected: 'a regular expression, such as ([0-9.]+)-slim',
        found: show(pattern),
        remedy: 'Correct the tag rule of the source.',
        cause,
      },
    )
  }
}
