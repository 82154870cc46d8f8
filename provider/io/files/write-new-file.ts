import type { Bytes } from '../bytes.js'
import { openNew } from './own-file.js'
import { inWords } from './system-errors.js'
import { writeBytes } from './write-bytes.js'

/**
 * Writes a file that is not there yet, for this user alone.
 * @throws NO_SPACE, PERMISSION_DENIED and what the bytes throw
 */
export async function writeNewFile(file: string, bytes: Bytes): Promise<void> {
  const handle = await inWords(`Writing ${file}`, 'destination', () => openNew(file, 0o600))
  try {
    await writeBytes(handle, bytes, 0, () => {})
  } finally {
    await handle.close()
  }
}
