import { LAYOUT_FILE } from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { collectionWith } from '../../copy/collection-with.js'
import type { ImageCollection } from '../../copy/ports.js'
import { listFolder } from '../../io/files/list-folder.js'
import { CHECKED_FILE } from '../../store/checked-file.js'
import { ignoredNote, isOfLayout } from '../layout/archive-members.js'
import { isOfSystem } from '../media/system-files.js'

/** With more files than this a layout is there by chance, and nobody wants a list of them. */
const MOST_FILES = 1000

/**
 * A layout in a folder that is neither a media nor a store, with a note on what else is at its top and is not
 * read. Files that operating systems put there by themselves are not worth a note.
 */
export async function besideLayout(
  root: string,
  members: Members,
  collection: ImageCollection,
): Promise<ImageCollection> {
  if (!(await members.find(LAYOUT_FILE)) || (await members.find(CHECKED_FILE))) return collection
  const names = (await listFolder(root, 'source', MOST_FILES).catch(() => [])).map(({ name }) => name)
  const others = names.filter((name) => !isOwn(name))
  if (others.length === 0) return collection
  const notes = (): string[] => [...(collection.notes?.() ?? []), ignoredNote(root, others)]
  return collectionWith(collection, { notes })
}

function isOwn(name: string): boolean {
  return isOfLayout(name) || isOfSystem(name) || name === 'receipts' || name.endsWith('.lock')
}
