import { printable } from '../../manifests/index.js'
import type { InventoryResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'
import { signatureLines } from './trusted-keys.js'
import { whatIf } from './what-if.js'

/** Where an inventory was written, and what is in it. */
export function inventoryLines(
  { inventory, path = '', size: bytes, signatures = [] }: InventoryResult,
  isPlan: boolean,
): string[] {
  const { images, blobs, id } = inventory
  const blobBytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
  if (isPlan) return [whatIf('Write Inventory', printable(path))]
  return [
    `Inventory ${printable(path)}, ${size(bytes)}`,
    `  ${counted(images.length, 'image')}, ${counted(blobs.length, 'blob')}, ${size(blobBytes)}`,
    `  id ${id}`,
    ...signatureLines(signatures),
  ]
}
