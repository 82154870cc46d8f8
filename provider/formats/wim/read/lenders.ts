import path from 'node:path'
import { closeAll, closedAfter } from '../../../io/closing/closing.js'
import { BlobTable } from './blob-table.js'
import { openPart, type WimPart } from './part.js'
import { readResourceTable, type WimBlob } from './resource-table.js'

/**
 * The files that were given with a WIM, from which it takes what it lacks: a delta has none of the contents
 * of the WIM that it was made against. They are opened when something is missing; each part of a split one is
 * a separate file.
 */
export class Lenders {
  private opened: { part: WimPart; blobs: BlobTable }[] | undefined

  /** @param own the parts of the WIM itself, which lend nothing */
  constructor(
    private readonly files: readonly string[],
    private readonly own: readonly WimPart[],
  ) {}

  /** Those blobs that can be found, each from the first file that has it. @throws as openWim */
  async find(missing: ReadonlySet<string>): Promise<WimBlob[]> {
    if (missing.size === 0) return []
    this.opened ??= await this.openAll()
    const found: WimBlob[] = []
    for (const sha1 of missing) {
      const lender = this.opened.find(({ blobs }) => blobs.has(sha1))
      const blob = lender?.blobs.get(sha1)
      if (blob) found.push(blob)
    }
    return found
  }

  async close(): Promise<void> {
    const opened = this.opened ?? []
    this.opened = []
    await closeAll(opened.map(({ part }) => part.handle))
  }

  private async openAll(): Promise<NonNullable<typeof this.opened>> {
    const opened: NonNullable<typeof this.opened> = []
    const own = new Set(this.own.map((part) => path.resolve(part.path)))
    const others = this.files.filter((file) => !own.has(path.resolve(file)))
    try {
      for (const [i, file] of others.entries()) {
        const part = await openPart(file, i + 1)
        const entry = { part, blobs: new BlobTable() }
        opened.push(entry)
        for (const blob of (await readResourceTable(part)).blobs) entry.blobs.add(blob)
      }
    } catch (error) {
      throw await closedAfter(error, ...opened.map(({ part }) => part.handle))
    }
    return opened
  }
}
