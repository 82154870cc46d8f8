import { INDEX_FILE, LAYOUT_FILE } from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import type { Around, Format } from '../format.js'

const NAMES: Record<Around, string> = {
  folder: 'OCI layout',
  archive: 'OCI archive',
  packed: 'OCI archive',
  volumes: 'set of volumes',
}

/** An OCI image layout, in whatever it lies; and any folder, as one may lie in it. */
export const layout: Format<{ mayTake?: boolean }> = {
  name: 'layout',
  at({ path, isFolder }, { mayTake = false }) {
    if (!isFolder) return undefined
    return { around: 'folder', members: async () => folderMembers(path, { mayTake }) }
  },
  async inside({ members, around, has, listed }) {
    if (!(await has(LAYOUT_FILE)) || !(await has(INDEX_FILE))) return undefined
    if (around === 'archive' || around === 'packed') {
      const { checkLayoutMembers } = await import('./archive-members.js')
      await checkLayoutMembers(members, around === 'packed' ? await listed() : undefined)
    }
    const { layoutSource } = await import('./source.js')
    return await layoutSource(members, NAMES[around])
  },
  async check(collection, members, options) {
    const { verifyLayout } = await import('./check-layout.js')
    return await verifyLayout(collection, members, options)
  },
}
