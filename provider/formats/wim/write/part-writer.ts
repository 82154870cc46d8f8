import { existsSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { type Held, publishFile, renameUnder } from '../../../io/files/durable.js'
import { unlessLost } from '../../../io/files/lock.js'
import { openAnew, openOwn } from '../../../io/files/own-file.js'
import { removePath } from '../../../io/files/rename-and-remove.js'
import { inWords } from '../../../io/files/system-errors.js'
import { Writeback } from '../../../io/files/writeback.js'
import { HEADER_SIZE } from '../read/header.js'

const COPY_BYTES = 1 << 20

/**
 * One file being written: `NAME.part` until everything is there. Writes append to what was written before.
 */
export class PartWriter {
  /** Where the next resource begins. */
  position = HEADER_SIZE
  /** How many blobs it holds. */
  blobs = 0
  private handle: FileHandle | undefined
  private opened = false
  private committed = false
  private readonly writeback = new Writeback(async () => await this.handle?.datasync())

  constructor(
    private name: string,
    private place: number,
    private readonly lock: Held | undefined,
  ) {}

  get target(): string {
    return this.name
  }

  /** From 1. */
  get number(): number {
    return this.place
  }

  get path(): string {
    return `${this.target}.part`
  }

  /** Writes bytes to their place; those of several calls may be under way at once. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    const handle = await this.open()
    await inWords(`Writing ${this.target}`, 'destination', async () => {
      for (let done = 0; done < bytes.length; )
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    })
    this.writeback.wrote(bytes.length)
  }

  /** Appends bytes and gives where they begin. */
  async append(bytes: Uint8Array): Promise<number> {
    const at = this.position
    this.position += bytes.length
    await this.write(bytes, at)
    return at
  }

  /** Moves the end of this part to the end of another. */
  async moveTo(other: PartWriter, start: number): Promise<void> {
    const handle = await this.open()
    const buffer = Buffer.allocUnsafe(COPY_BYTES)
    for (let at = start; at < this.position; ) {
      const size = Math.min(COPY_BYTES, this.position - at)
      const { bytesRead } = await handle.read(buffer, 0, size, at)
      // Space that was only reserved is beyond the end of the file: it is reserved there, too.
      if (bytesRead === 0) {
        other.position += this.position - at
        break
      }
      await other.append(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    this.position = start
  }

  /** Takes the name and number of another part, and gives it its own. */
  async swapWith(other: PartWriter): Promise<void> {
    // Windows does not rename a file that is open.
    for (const part of [this, other]) {
      await part.open()
      await part.close()
    }
    const spare = `${this.path}.swap`
    await inWords(`Writing ${this.target}`, 'destination', async () => {
      await renameUnder(this.lock, this.path, spare)
      await renameUnder(this.lock, other.path, this.path)
      await renameUnder(this.lock, spare, other.path)
    })
    ;[this.name, other.name] = [other.name, this.name]
    ;[this.place, other.place] = [other.place, this.place]
  }

  /** Cuts off what was taken back. */
  async truncate(): Promise<void> {
    const handle = await this.open()
    await handle.truncate(this.position)
  }

  async close(): Promise<void> {
    try {
      await inWords(`Writing ${this.target}`, 'destination', () => this.writeback.settled())
    } finally {
      await this.handle?.close()
      this.handle = undefined
    }
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    await this.close()
    try {
      await inWords(`Writing ${this.target}`, 'destination', () =>
        publishFile(this.path, this.target, { isKept: true, lock: this.lock }),
      )
    } finally {
      this.committed = !existsSync(this.path)
    }
  }

  /** Also removes a file that already has its name: without the other parts it is useless. */
  async discard(): Promise<void> {
    await this.close().catch(() => {})
    if (!this.opened) return
    await unlessLost(this.lock, () => removePath(this.committed ? this.target : this.path))
  }

  private async open(): Promise<FileHandle> {
    if (this.handle) return this.handle
    this.handle = await inWords(`Writing ${this.target}`, 'destination', () =>
      this.opened ? openOwn(this.path) : openAnew(this.path),
    )
    this.opened = true
    return this.handle
  }
}

/** The name of a part as the field has it: image.swm, image2.swm, image3.swm. */
export function partName(target: string, number: number): string {
  if (number === 1) return target
  const { dir, name, ext } = path.parse(target)
  return path.join(dir, `${name}${number}${ext}`)
}
