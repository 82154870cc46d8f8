import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { documentThere } from '../../io/files/read-document.js'
import type { Context } from '../../session/context.js'
import { dataFolder } from '../../session/settings/store-location.js'
import type { SaveRequest, SaveResult } from './request.js'
import { hashOf } from './saved-result.js'

type SavedFile = SaveResult['files'][number]

const LARGEST = 1024

/**
 * Which encrypted file this user has made from which bytes for whom, as digests only, beside the user's other
 * data. The file itself does not show it: with this an interrupted save can continue with the volume that it
 * had reached.
 */
export class EncryptedBefore {
  private readonly folder = path.join(dataFolder(), 'encrypted')

  constructor(private readonly recipients: readonly string[]) {}

  /**
   * The file at a place, if it is complete and was made from bytes with this SHA-256 for exactly these
   * recipients.
   */
  async there(
    context: Context,
    file: string,
    plain: string,
    request: SaveRequest,
  ): Promise<SavedFile | undefined> {
    const found = await lstat(file).catch(() => undefined)
    const known = found?.isFile() ? await documentThere(this.recordOf(plain), LARGEST) : undefined
    if (!found || known === undefined) return undefined
    const sha256 = await hashOf(context, file, found.size, request)
    return known.toString('utf8').split('\n').includes(sha256)
      ? { path: file, size: found.size, sha256 }
      : undefined
  }

  /** Notes a file that was made. If several were made from the same bytes, the last one counts. */
  async note({ sha256 }: SavedFile, plain: string): Promise<void> {
    await makeFolder(this.folder, 0o700)
    await replaceFile(this.recordOf(plain), Buffer.from(`${sha256}\n`), { mode: 0o600 })
  }

  private recordOf(plain: string): string {
    const key = [plain, ...[...this.recipients].sort()].join('\n')
    return path.join(this.folder, createHash('sha256').update(key).digest('hex'))
  }
}
