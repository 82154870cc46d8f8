import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  LIMITS,
  pieceName,
  VOLUME_FILE,
  VOLUME_SUM_FILE,
} from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { tarMembers } from '../../archives/members/tar.js'
import { BLOCK } from '../../archives/members/tar-header.js'
import type { Bytes } from '../../io/bytes.js'
import { replaceFile, syncFolder } from '../../io/files/durable.js'
import { checkFolderBelow, makeFolderBelow } from '../../io/files/folder-below.js'
import { type Lock, UNTIL_DONE_MS } from '../../io/files/lock.js'
import { openNew, openOwn } from '../../io/files/own-file.js'
import { documentThere } from '../../io/files/read-document.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { takeIngestLock } from '../../store/ingest-lock.js'
import { Places } from '../../store/places.js'
import { dealOut } from './deal-out.js'
import type { VolumeSet } from './volume-set.js'

export interface TakeOptions {
  signal?: AbortSignal
  onBytes?: (count: number) => void
}

/** Which volumes have arrived; the file is beside the layout that grows out of them. */
const ARRIVED_FILE = 'arrived.json'

/**
 * What has arrived of a set whose volumes come one after the other: an OCI layout in the making, whose blobs have a
 * hole wherever a volume is still missing. A volume counts once all of it was read, its sum was right, and it is safely
 * on the disk; it is not read again.
 */
export class Arrival {
  private lock: Lock | undefined

  private constructor(
    private readonly store: string,
    readonly folder: string,
    private volumes: Set<number>,
  ) {}

  /**
   * @param folder in the store, in which this set arrives; made when the first volume is taken
   * @throws IN_THE_WAY
   */
  static async open(store: string, folder: string): Promise<Arrival> {
    await checkFolderBelow(store, folder)
    return new Arrival(store, folder, new Set(await numbersIn(path.join(folder, ARRIVED_FILE))))
  }

  get arrived(): ReadonlySet<number> {
    return this.volumes
  }

  /**
   * Keeps all others away from what has arrived, until it is removed or released; what another run has taken in the
   * meantime counts. Nobody holds it while a user looks for the next stick: another run may take volumes from another
   * stick.
   * @throws INTERRUPTED, IN_THE_WAY
   */
  async hold(signal?: AbortSignal): Promise<void> {
    if (this.lock) return
    const options = { signal, patience: UNTIL_DONE_MS }
    this.lock = await takeIngestLock(new Places(this.store), `${this.folder}.lock`, options)
    await checkFolderBelow(this.store, this.folder)
    this.volumes = new Set(await numbersIn(path.join(this.folder, ARRIVED_FILE)))
  }

  async letGo(): Promise<void> {
    const { lock } = this
    this.lock = undefined
    await lock?.release()
  }

  /**
   * Takes one volume, while this is held: reads it once, from start to end, and puts each piece in its place.
   * @throws VOLUME_DAMAGED if its sum is not right; NO_SPACE
   */
  async take(set: VolumeSet, number: number, options: TakeOptions = {}): Promise<void> {
    const file = set.volumes.get(number)
    if (file === undefined || this.volumes.has(number)) return
    const members = await tarMembers(file)
    try {
      await inWords(`Writing ${this.folder}`, 'destination', () =>
        this.takeMembers(set, number, members, options),
      )
    } finally {
      await members.close()
    }
    this.volumes.add(number)
    const numbers = [...this.volumes].sort((a, b) => a - b)
    await inWords(`Writing ${this.folder}`, 'destination', () =>
      replaceFile(path.join(this.folder, ARRIVED_FILE), Buffer.from(JSON.stringify(numbers)), {
        lock: this.lock,
      }),
    )
  }

  private async takeMembers(
    set: VolumeSet,
    number: number,
    members: Members,
    options: TakeOptions,
  ): Promise<void> {
    const { targets, sum } = await this.targetsOf(set, number, members)
    const hash = createHash('sha256')
    const range = { path: members.label, offset: 0, size: sum.at }
    const bytes = hashed(readRange(range, { signal: options.signal }), hash, options)
    const ranges = targets.map((target) => ({ from: target.offset, size: target.size }))
    await dealOut(bytes, 0, ranges, async (at, part) => {
      const target = targets[at]
      if (target) await this.write(target, part)
    })
    const found = hash.digest('hex')
    if (found !== sum.hex) throw damaged(members.label, sum.hex, found)
    for (const folder of new Set(targets.map((target) => path.dirname(this.at(target)))))
      await syncFolder(folder)
  }

  /** Where each member of a volume goes, in the order in which they are in it. */
  private async targetsOf(set: VolumeSet, number: number, members: Members) {
    const pieces = new Map<string, { name: string; from: number }>()
    for (const blob of set.list.blobs)
      for (const piece of blob.pieces)
        if (piece.volume === number)
          pieces.set(pieceName(blob, piece), {
            name: `blobs/${blob.digest.replace(':', '/')}`,
            from: piece.from,
          })
    const targets: Target[] = []
    let sum: { hex: string; at: number } | undefined
    for (const member of await members.list()) {
      const range = member.kind === 'file' ? await members.locate(member.name) : undefined
      if (!range || member.name === VOLUME_FILE) continue
      if (member.name === VOLUME_SUM_FILE)
        sum = { hex: await readText(members, member.name), at: range.offset - BLOCK }
      else {
        const place = pieces.get(member.name) ?? { name: member.name, from: 0 }
        targets.push({ ...place, offset: range.offset, size: range.size })
      }
    }
    if (!sum) throw damaged(members.label, 'a sum at its end', 'none')
    return { targets: targets.sort((a, b) => a.offset - b.offset), sum }
  }

  private async write(target: Target, bytes: Bytes): Promise<void> {
    const file = this.at(target)
    await makeFolderBelow(this.store, path.dirname(file))
    const handle = await openForPiece(file)
    try {
      await writeBytes(handle, bytes, target.from, () => {})
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  private at({ name }: Target): string {
    return path.join(this.folder, ...name.split('/'))
  }

  /**
   * The folder for the volumes that recovery files restore.
   * @throws IN_THE_WAY
   */
  async repairedFolder(): Promise<string> {
    const folder = path.join(this.folder, 'repaired')
    await checkFolderBelow(this.store, folder)
    return folder
  }

  /**
   * To be called once everything that had arrived is where it belongs.
   * @throws IN_THE_WAY, INTERRUPTED
   */
  async remove(signal?: AbortSignal): Promise<void> {
    await checkFolderBelow(this.store, this.folder)
    if (!existsSync(this.folder)) return await this.letGo()
    // Another run may be taking volumes of the set, although this one needed nothing of what had arrived.
    await this.hold(signal)
    await this.lock?.check()
    await removePath(this.folder, { recursive: true })
    await this.letGo()
  }
}

/** A list that cannot be understood is ignored: the volumes are read again. */
async function numbersIn(file: string): Promise<number[]> {
  const bytes = await documentThere(file, LIMITS.indexBytes, 'destination')
  try {
    const numbers: unknown = JSON.parse(bytes?.toString('utf8') ?? '[]')
    return Array.isArray(numbers) ? numbers.filter(Number.isSafeInteger) : []
  } catch {
    return []
  }
}

interface Target {
  name: string
  /** How many bytes of the blob come before this piece. */
  from: number
  /** Where the piece begins in its volume. */
  offset: number
  size: number
}

async function* hashed(
  bytes: Bytes,
  hash: { update(chunk: Uint8Array): unknown },
  { onBytes }: TakeOptions,
): Bytes {
  for await (const chunk of bytes) {
    hash.update(chunk)
    onBytes?.(chunk.length)
    yield chunk
  }
}

async function readText(members: Members, name: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of members.read(name)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('latin1').trim()
}

/** Other pieces may already be in it. */
async function openForPiece(file: string): Promise<FileHandle> {
  return await openOwn(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return openNew(file)
    throw error
  })
}

function damaged(file: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('VOLUME_DAMAGED', `${file} is damaged.`, {
    side: 'source',
    expected,
    found,
    details: { path: file },
  })
}
