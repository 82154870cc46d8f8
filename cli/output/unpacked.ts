import type { UnpackResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'

/** More lines than this are in the JSON only. */
const MOST_LINES = 20

export function unpackedLines(result: UnpackResult, whatIf: boolean): string[] {
  const { image, path, entries, bytes, notKept, ownersNotKept, bundle } = result
  const verb = whatIf ? 'Would unpack' : 'Unpacked'
  const lines = [`${verb} ${image} into ${path}: ${counted(entries, 'file')}, ${size(bytes)}`]
  if (ownersNotKept > 0)
    lines.push(`${counted(ownersNotKept, 'file')} of others belong to you, as only root may give files away.`)
  if (notKept.length > 0) lines.push(`Not kept: ${notKept.length}`)
  for (const { path: file, what } of notKept.slice(0, MOST_LINES)) lines.push(`  ${file}: ${what}`)
  if (notKept.length > MOST_LINES) lines.push(`  and ${notKept.length - MOST_LINES} more; --json lists all`)
  if (bundle && !whatIf) lines.push(`Run it with: crun run --bundle ${path} NAME`)
  return lines
}
