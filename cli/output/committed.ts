import { printable } from '../../manifests/index.js'
import type { CommitResult, ImportResult } from '../../provider/index.js'
import { shortId } from './ids.js'
import { movedLines } from './moved-tags.js'
import { size } from './sizes.js'

const LETTERS = { added: 'A', changed: 'C', removed: 'D' } as const

/** What was made; for a what-if every file of it, as `docker diff` lists them. */
export function committedLines(result: CommitResult, whatIf: boolean): string[] {
  const { image, digest, parent, layer, counts, files, moved } = result
  const isNone = counts.added + counts.changed + counts.removed === 0
  if (result.tags.length === 0)
    return [`Nothing differs from ${printable(parent?.image ?? 'the parent')}: no image was made.`]
  if (whatIf)
    return [
      ...files.map(({ path, change }) => `${LETTERS[change]} ${printable(path)}`),
      `Would make ${printable(image)}${upon(result)}: ${isNone ? 'other settings, and no layer' : countsIn(result)}`,
      ...movedLines(moved, 'would move'),
    ]
  const made = layer ? `a layer of ${size(layer.size)}, ${countsIn(result)}` : 'other settings, and no layer'
  return [
    `Made ${result.tags.map(printable).join(', ')} (${shortId(digest)})${upon(result)}: ${made}`,
    ...movedLines(moved, 'moved'),
  ]
}

export function importedLines(
  { tags, digest, layer, platform, moved }: ImportResult,
  whatIf: boolean,
): string[] {
  const names = tags.map(printable).join(', ')
  const what = `${platform}, ${size(layer.size)}`
  return [
    whatIf ? `Would make ${names}: ${what}` : `Made ${names} (${shortId(digest)}): ${what}`,
    ...movedLines(moved, whatIf ? 'would move' : 'moved'),
  ]
}

function upon({ parent }: CommitResult): string {
  return parent ? ` of ${printable(parent.image)}` : ''
}

function countsIn({ counts: { added, changed, removed } }: CommitResult): string {
  return `${added} added, ${changed} changed, ${removed} removed`
}
