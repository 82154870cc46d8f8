import { printable } from '../../manifests/index.js'
import { shortId } from './ids.js'

/** An image in a line: `debian 12.5`, and the beginning of its digest where it has no name. */
export function imageLabel({
  name,
  version,
  digest,
}: {
  name: string
  version: string
  digest: string
}): string {
  return name === '' ? `image ${shortId(digest)}` : `${printable(name)} ${printable(version)}`
}

/** The line of the names that an image got; none for one that got none. */
export function taggedLine(tags: readonly string[]): string[] {
  return tags.length > 0
    ? [`  tagged ${tags.map(printable).join(', ')}`]
    : ['  without a name; give it one with `containerimage tag`']
}
