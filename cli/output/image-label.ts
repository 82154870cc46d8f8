import { printable } from '../../manifests/index.js'
import { counted } from './counted.js'
import { shortId } from './ids.js'

/** An image in one line: `debian 12.5`, or the beginning of its digest if it has no name. */
export function imageLabel({
  name,
  version,
  digest,
  kind,
}: {
  name: string
  version: string
  digest: string
  kind?: string
}): string {
  if (name !== '') return `${printable(name)} ${printable(version)}`
  return `${kind === undefined ? 'image' : 'artifact'} ${shortId(digest)}`
}

/** `linux/amd64`, all platforms of an index, or its kind if it is not an image and has no platform. */
export function platformOrKind({
  platform,
  platforms = [platform],
  kind,
}: {
  platform: string
  platforms?: string[]
  kind?: string
}): string {
  return printable(kind ?? platforms.join(', '))
}

/** The line about the signatures and the like that go with an image, by kind. */
export function carriedLine(artifacts: readonly { kind: string }[] = []): string[] {
  const counts = new Map<string, number>()
  for (const { kind } of artifacts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const said = [...counts].map(([kind, count]) => counted(count, printable(kind)))
  return said.length > 0 ? [`  with ${said.join(', ')}`] : []
}

/** The line about the names that an image got, or that it has none. */
export function taggedLine(tags: readonly string[]): string[] {
  return tags.length > 0
    ? [`  tagged ${tags.map(printable).join(', ')}`]
    : ['  without a name; give it one with `containerimage tag`']
}
