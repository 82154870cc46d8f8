import { inUtf8, LIMITS } from '../../../manifests/index.js'
import { documentThere, readDocument, readDocumentSync } from './read-document.js'

/**
 * Reads a text that people write, with an editor or `>`: settings, certificates, passwords, lists, receipts
 * that came along. The result is UTF-8 without a byte order mark, whichever Windows encoding it was written
 * in.
 * @param limit in bytes
 * @throws DOCUMENT_TOO_LARGE, NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED
 */
export async function readUserFile(file: string, limit: number = LIMITS.userFileBytes): Promise<Buffer> {
  return inUtf8(await readDocument(file, limit))
}

/** The same, or undefined where there is no such file. */
export async function userFileThere(
  file: string,
  limit: number = LIMITS.userFileBytes,
): Promise<Buffer | undefined> {
  const bytes = await documentThere(file, limit)
  return bytes && inUtf8(bytes)
}

/** The same, synchronously, for early reads that cannot wait. @throws as readUserFile */
export function readUserFileSync(file: string): Buffer {
  return inUtf8(readDocumentSync(file, LIMITS.userFileBytes))
}
