import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, hasCode, splitDigest } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { readDocument } from '../../io/files/read-document.js'
import { removePath } from '../../io/files/rename-and-remove.js'

/** In bytes, for one layer: half a million files take about 15 MB. */
const LARGEST = 256 * 1024 * 1024
/** In bytes, of all layers together. */
const MOST_BYTES = 1024 * 1024 * 1024
const ENDING = '.listing'

/**
 * What runs have read from layers, each in a file named after the layer's digest, for the next run. The
 * folder belongs to the user alone; one that cannot be read or written counts as empty.
 */
export class KeptListings {
  constructor(
    private readonly folder: string,
    private readonly isReadOnly: boolean,
  ) {}

  async read(digest: Digest): Promise<Uint8Array | undefined> {
    try {
      return await readDocument(this.place(digest), LARGEST)
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED')) throw error
      return undefined
    }
  }

  async keep(digest: Digest, listing: Uint8Array): Promise<void> {
    if (this.isReadOnly || listing.length > LARGEST) return
    try {
      await makeFolder(this.folder)
      await replaceFile(this.place(digest), listing, { mode: 0o600 })
      await this.removeOldest()
    } catch {
      // The next run reads the layer again; nothing is lost.
    }
  }

  private place(digest: Digest): string {
    const { algorithm, hex } = splitDigest(digest)
    return path.join(this.folder, `${algorithm}-${hex}${ENDING}`)
  }

  private async removeOldest(): Promise<void> {
    const files: { file: string; bytes: number; at: number }[] = []
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith(ENDING)) continue
      const file = path.join(this.folder, name)
      const { size, mtimeMs } = await stat(file)
      files.push({ file, bytes: size, at: mtimeMs })
    }
    files.sort((a, b) => b.at - a.at)
    let left = MOST_BYTES
    for (const { file, bytes } of files) {
      left -= bytes
      if (left < 0) await removePath(file)
    }
  }
}
