import { option, show } from '../../../manifests/index.js'
import type { Root } from '../../inside/commit/root.js'
import type { FoundChanges } from '../../inside/commit/tree-changes.js'
import type { Context } from '../../session/context.js'

const MOST_TOLD = 10

/** Everything that an ordinary user unpacked belongs to that user. */
export function defaultOwner(context: Context, isUnpacked: boolean): string {
  if (!isUnpacked || process.getuid === undefined || process.getuid() === 0) return 'as-is'
  context.note(
    `Files have the owners that they have in the parent, and new ones are root's, as an ordinary user unpacks none for others. To take them as they are: ${option('owner')} as-is.`,
  )
  return 'parent'
}

/** Says what a new layer lacks, and why. */
export function tellOf(context: Context, root: Root, { keptDevices }: FoundChanges): void {
  if (!root.hasAttributes)
    context.note(
      'Extended attributes are not read, as there is no program getfattr here: files that have changed lose theirs, such as the capabilities of a program.',
    )
  for (const { path, reason } of root.leftOut.slice(0, MOST_TOLD))
    context.note(`${show(path)} was left out: ${reason}.`)
  if (root.leftOut.length > MOST_TOLD) context.note(`${root.leftOut.length - MOST_TOLD} more were left out.`)
  if (keptDevices > 0)
    context.note(`${keptDevices} devices of the parent stay, as an ordinary user cannot have unpacked them.`)
}
