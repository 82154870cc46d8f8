import { createHash } from 'node:crypto'
import { sumsBytes } from '../../../manifests/index.js'
import type { ImageCollection } from '../../copy/ports.js'

/**
 * One sum, in hex, for all documents that say which image a name means: the sum of their list as `sha256sum` would
 * write it. Undefined if images are made from the bytes of a file.
 */
export function documentsSum({ documents }: Pick<ImageCollection, 'documents'>): string | undefined {
  if (!documents) return undefined
  const files = [...documents].map(([path, sha256]) => ({ path, sha256 }))
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return createHash('sha256').update(sumsBytes(files)).digest('hex')
}
