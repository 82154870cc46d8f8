import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Content } from '../copy/ports.js'
import { collect } from '../copy/read-verified.js'
import { sizeMismatch, verified } from '../copy/verified.js'
import type { Bytes } from '../io/bytes.js'
import { publishDraft, syncFolder } from '../io/files/durable.js'
import { makeFolderBelow } from '../io/files/folder-below.js'
import { readRange } from '../io/files/read-range.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { isOrphaned, isReplacement, replacementOf } from '../io/files/replacement-name.js'
import { inWords } from '../io/files/system-errors.js'
import { beforeNow } from './file-marks.js'
import type { Store } from './store.js'

/** No blob that is larger is held in memory. */
const SMALL_BYTES = 64 * 1024

/**
 * The small blobs of one copy. Each is written completely under a unique name, so it needs no lock: two
 * processes that add the same blob give it the same bytes. They are never continued, and the folder with
 * their names is synced once, before anything names them. A thousand images have three thousand small blobs:
 * with a lock and a sync of the folder for each, these would be most of the work.
 */
export class SmallBlobs {
  /** Names in the folder of incoming blobs, when the copy began. */
  private before: ReadonlySet<string> = new Set()
  private readonly folders = new Set<string>()
  private readonly unsynced = new Set<string>()

  constructor(private readonly store: Store) {}

  /** Looks at what other runs are adding or have left, and removes the drafts of those that were killed. */
  async begin(): Promise<void> {
    const { ingestFolder } = this.store.places
    const names = await readdir(ingestFolder).catch(() => [])
    for (const name of names)
      if (isReplacement(name) && isOrphaned(name)) await removePath(path.join(ingestFolder, name))
    this.before = new Set(names)
  }

  /** Whether a blob is small, and no other run has started to add it the way large ones are. */
  takes({ descriptor, range }: Content): boolean {
    if (descriptor.size > SMALL_BYTES || range?.mayTake) return false
    const part = path.basename(this.store.places.ingest(descriptor.digest))
    return !this.before.has(part) && !this.before.has(`${part}.lock`)
  }

  /**
   * Adds one blob, in place of one of its name.
   * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, PERMISSION_DENIED and what the source throws
   */
  async add(content: Content): Promise<void> {
    const { digest } = content.descriptor
    const { places, checked } = this.store
    const bytes = await collect(bytesOf(content))
    const target = places.blob(digest)
    const folder = path.dirname(target)
    await inWords(`Writing ${target}`, 'destination', async () => {
      if (!this.folders.has(folder)) await makeFolderBelow(places.root, folder)
      this.folders.add(folder)
      this.unsynced.add(folder)
      const draft = replacementOf(places.ingest(digest))
      await publishDraft(draft, target, bytes, { mode: 0o444, modified: beforeNow() })
    })
    await checked.note(digest)
    content.onBytes?.(bytes.length, 'copied')
  }

  /** Makes the names of everything that was added survive a power loss. */
  async settle(): Promise<void> {
    for (const folder of this.unsynced) {
      await inWords(`Writing ${folder}`, 'destination', () => syncFolder(folder))
      this.unsynced.delete(folder)
    }
  }
}

function bytesOf({ descriptor, range, open, signal }: Content): Bytes {
  if (range && range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
  return verified(range ? readRange(range, { signal }) : open(0), descriptor, { signal })
}
