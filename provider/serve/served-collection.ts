import { stat } from 'node:fs/promises'
import type { Descriptor, Digest } from '../../manifests/index.js'
import { toldApart } from '../choice/told-apart.js'
import type { ImageCollection } from '../copy/ports.js'
import { contentsOf } from './contents.js'
import type { Documents } from './documents.js'
import { Repositories, type Repository } from './repositories.js'

/** A collection as it was at one moment, with what its documents name. */
export class View {
  private readonly contents = new Map<Repository | 'unnamed', Promise<Map<Digest, Descriptor>>>()
  /** Requests that are using it, and one more while it is the current one. */
  private users = 1

  constructor(
    readonly collection: ImageCollection,
    readonly repositories: Repositories,
    private readonly documents: Documents,
    private readonly damaged: (descriptor: Descriptor, error: unknown) => void,
  ) {}

  /** The descriptor of a digest in a repository: what the repository's images name, or what has no name at all. */
  async find(repository: Repository, digest: Digest): Promise<Descriptor | undefined> {
    return (await this.within(repository)).get(digest) ?? (await this.within('unnamed')).get(digest)
  }

  use(): this {
    this.users++
    return this
  }

  /** To be called once for each `use`; the collection is closed when nobody needs it any more. */
  async release(): Promise<void> {
    if (--this.users === 0) await this.collection.close()
  }

  private within(part: Repository | 'unnamed'): Promise<Map<Digest, Descriptor>> {
    const known = this.contents.get(part)
    if (known) return known
    const images = part === 'unnamed' ? this.repositories.unnamed : part.images
    const found = contentsOf(this.collection, images, this.documents, (descriptor, error) => {
      // What is damaged may be repaired without a change of the index.
      this.contents.delete(part)
      this.damaged(descriptor, error)
    })
    this.contents.set(part, found)
    return found
  }
}

/** How a collection is opened, and which files tell that it has to be opened again. */
export interface CollectionPlace {
  open(): Promise<ImageCollection>
  /** Their size, place and times say whether something changed. */
  watched: string[]
}

/** A collection that may change while it is served: an install into the store, one more image on the stick. */
export class ServedCollection {
  private current: View | undefined
  private seen = ''
  private looking: Promise<View> | undefined

  /** @param failed called if it cannot be reopened; then the old state continues to be served */
  constructor(
    private readonly place: CollectionPlace,
    private readonly documents: Documents,
    private readonly damaged: (descriptor: Descriptor, error: unknown) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /**
   * The collection as it is now. Release it when the request is over.
   * @throws what opening throws, the first time
   */
  async view(): Promise<View> {
    this.looking ??= this.look().finally(() => {
      this.looking = undefined
    })
    return (await this.looking).use()
  }

  async close(): Promise<void> {
    await this.current?.release()
    this.current = undefined
  }

  private async look(): Promise<View> {
    const state = await stateOf(this.place.watched)
    if (this.current && state === this.seen) return this.current
    try {
      const before = this.current
      const collection = await this.place.open()
      const repositories = new Repositories(await toldApart(collection), collection.label)
      this.current = new View(collection, repositories, this.documents, this.damaged)
      await before?.release()
      this.seen = state
    } catch (error) {
      if (!this.current) throw error
      if (state !== this.seen) this.failed(error)
      // Not opened again before something changes once more.
      this.seen = state
    }
    return this.current
  }
}

async function stateOf(files: string[]): Promise<string> {
  const states = files.map(async (file) => {
    const stats = await stat(file, { bigint: true }).catch(() => undefined)
    return stats ? [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ') : ''
  })
  return (await Promise.all(states)).join('\n')
}
