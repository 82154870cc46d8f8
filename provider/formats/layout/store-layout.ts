import { folderMembers } from '../../archives/members/folder.js'
import type { ImageCollection } from '../../copy/ports.js'
import { layoutSource } from './source.js'

/** What a store holds, to be read. @throws LAYOUT_INVALID, INVALID_DOCUMENT */
export async function storeLayout({ root }: { root: string }): Promise<ImageCollection> {
  return await layoutSource(folderMembers(root), 'store')
}
