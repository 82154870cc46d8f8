import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { openToRead } from '../io/files/read-document.js'

/** A file that is open for as long as somebody reads it, and a moment longer. */
export interface OpenFile {
  readonly path: string
  readonly fd: number
  /** In bytes. */
  readonly size: number
  /** The same for the same bytes: place on the disk, size and times of change. */
  readonly identity: string
}

interface Held extends OpenFile {
  handle: FileHandle
  users: number
  timer?: NodeJS.Timeout
}

/**
 * Clients ask for the same blobs one after the other; but a file that is removed from the store should be
 * gone soon.
 */
const LINGER_MS = 2000

/** What changes when the bytes do, as far as the system notices. */
export function identityOf(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

/** The files that are being read, each open once however many clients read it. */
export class OpenFiles {
  private readonly held = new Map<string, Held>()

  /** @param forget told of a file that is closed, before its number may be another's */
  constructor(private readonly forget: (file: OpenFile) => void) {}

  /** The file that lies at a path now. Give it back with `release`. @throws NOT_A_FILE, PATH_NOT_FOUND */
  async acquire(path: string): Promise<OpenFile> {
    const handle = await openToRead(path)
    try {
      const stats = await handle.stat({ bigint: true })
      const identity = identityOf(path, stats)
      const known = this.held.get(identity)
      if (known) {
        await handle.close()
        return this.use(known)
      }
      const file: Held = {
        path,
        fd: handle.fd,
        size: Number(stats.size),
        identity,
        handle,
        users: 0,
      }
      this.held.set(identity, file)
      return this.use(file)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  release(file: OpenFile): void {
    const held = this.held.get(file.identity)
    if (held !== file || !held || --held.users > 0) return
    held.timer = setTimeout(() => this.close(held), LINGER_MS).unref()
  }

  closeAll(): void {
    for (const held of [...this.held.values()]) this.close(held)
  }

  private use(held: Held): OpenFile {
    clearTimeout(held.timer)
    held.users++
    return held
  }

  private close(held: Held): void {
    clearTimeout(held.timer)
    this.held.delete(held.identity)
    this.forget(held)
    // Nobody waits for it, and nothing was written.
    held.handle.close().catch(() => {})
  }
}
