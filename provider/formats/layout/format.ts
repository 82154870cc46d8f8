import { INDEX_FILE, LAYOUT_FILE } from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import type { Members } from '../../archives/members/members.js'
import type { Around, Format, Inside } from '../format.js'

const NAMES: Record<Around, string> = {
  folder: 'OCI layout',
  archive: 'OCI archive',
  packed: 'OCI archive',
  volumes: 'set of volumes',
}

/** An OCI image layout, whatever it is in; and any folder, as it may contain one. */
export const layout: Format<{ mayTake?: boolean }> = {
  name: 'layout',
  at({ path, isFolder }, { mayTake = false }) {
    if (!isFolder) return undefined
    return { around: 'folder', members: async () => folderMembers(path, { mayTake }) }
  },
  async inside({ members, around, has, listed }) {
    if (!(await has(LAYOUT_FILE)) || !(await has(INDEX_FILE))) return undefined
    const [{ layoutSource }, { withLinkedBlobs }] = await Promise.all([
      import('./source.js'),
      import('./blob-links.js'),
    ])
    const own = withLinkedBlobs(members)
    return await layoutSource(own, NAMES[around], await notesOn(own, around, listed))
  },
  async check(collection, members, options) {
    const [{ verifyLayout }, { withLinkedBlobs }] = await Promise.all([
      import('./check-layout.js'),
      import('./blob-links.js'),
    ])
    return await verifyLayout(collection, withLinkedBlobs(members), options)
  },
}

/** Whoever packs an archive chooses what is in it; a folder contains whatever its owner keeps there. */
async function notesOn(members: Members, around: Around, listed: Inside['listed']): Promise<string[]> {
  if (around !== 'archive' && around !== 'packed') return []
  const { checkLayoutMembers } = await import('./archive-members.js')
  return await checkLayoutMembers(members, await listed())
}
