import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Bytes } from '../bytes.js'
import { closedAfter } from '../closing/closing.js'
import { openNew, openToSync } from './own-file.js'
import { checkMayBeMade } from './portable-name.js'
import { removePath, renameOver } from './rename-and-remove.js'
import { removeOrphans, replacementOf } from './replacement-name.js'
import { writeBytes } from './write-bytes.js'

/** Some network file systems cannot sync a folder, and a folder that is not ours may not be readable. */
const CANNOT_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EACCES', 'EPERM'])

/**
 * Makes the names in a folder survive a loss of power; containerd learnt only in 2025 that syncing the file
 * is not enough. Windows has no such call and does not need it: NTFS journals names.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncIfPossible(folder, (place) => open(place, 'r'))
}

async function syncIfPossible(place: string, opened: (place: string) => Promise<FileHandle>): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await opened(place)
    await handle.sync()
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle?.close()
  }
}

/**
 * Makes a folder, and those above it, so that they survive a power loss. Nobody but their owner may write to
 * them, however permissive the umask is.
 * @param mode what is allowed at most
 * @returns the uppermost folder that was not there
 */
export async function makeFolder(folder: string, mode = 0o755): Promise<string | undefined> {
  checkMayBeMade(folder)
  const first = await mkdir(folder, { recursive: true, mode }).catch(async (error) => {
    throw await whyNot(folder, mode, error)
  })
  if (first === undefined) return undefined
  for (let made = folder; ; made = path.dirname(made)) {
    await syncFolder(path.dirname(made))
    if (made === first || made === path.dirname(made)) return first
  }
}

/**
 * On a read-only file system Node says that nothing is there; making a single folder shows the real reason.
 */
async function whyNot(folder: string, mode: number, error: NodeJS.ErrnoException): Promise<unknown> {
  if (error.code !== 'ENOENT') return error
  for (let missing = folder; ; missing = path.dirname(missing)) {
    const above = path.dirname(missing)
    const isThere = await stat(above).then(
      () => true,
      () => false,
    )
    if (!isThere && above !== missing) continue
    return await mkdir(missing, { mode }).then(
      () => error,
      (reason) => (reason.code === 'EEXIST' ? error : reason),
    )
  }
}

/** A complete file, and the name that it is to get. */
export interface Publication {
  from: string
  to: string
  /** Where they are to be others. */
  mode?: number
  modified?: Date
  /** The new name for the file that has the name until then; without it, that file is replaced. */
  aside?: string
  /** Stays where it is even if the disk failed: it is the user's own, or somebody else removes it. */
  isKept?: boolean
}

/** The part of a lock that publishing needs. */
export interface Held {
  /** @throws LOCK_LOST if another process has it by now */
  check(): Promise<void>
}

/**
 * Gives complete files their final names, in this order. Each is synced first, whoever wrote it: an earlier
 * run may have been killed before it could, and a name must not survive a power loss without its bytes. The
 * folders are synced last. A file that the disk could not take is removed: it is complete only in memory, and
 * the next run would trust it.
 * @param lock under which they are published: checked before each name, as writing may have taken long
 * @throws LOCK_LOST
 */
export async function publishFiles(files: readonly Publication[], lock?: Held): Promise<void> {
  for (const file of files) await syncOrRemove(file)
  for (const { from, to, aside } of files) {
    if (aside === undefined) await renameUnder(lock, from, to)
    else await replaceUnder(lock, from, to, aside)
  }
  for (const folder of new Set(files.map(({ to }) => path.dirname(to)))) await syncFolder(folder)
}

/** Gives a file or folder another name, if the lock is still held. @throws LOCK_LOST */
export async function renameUnder(lock: Held | undefined, from: string, to: string): Promise<void> {
  await lock?.check()
  await renameOver(from, to)
}

/**
 * Gives a file or folder the name of another one, which is renamed first: Windows does not replace folders.
 * If that fails the other one gets its name back.
 * @throws LOCK_LOST
 */
export async function replaceUnder(
  lock: Held | undefined,
  from: string,
  to: string,
  aside: string,
): Promise<void> {
  await renameUnder(lock, to, aside)
  try {
    await renameUnder(lock, from, to)
  } catch (error) {
    throw await closedAfter(error, () => ifHeld(lock, () => renameOver(aside, to)))
  }
}

/** If another process has it by now, that process puts it right. */
async function ifHeld(lock: Held | undefined, step: () => Promise<void>): Promise<void> {
  const isHeld = await (lock?.check() ?? Promise.resolve()).then(
    () => true,
    () => false,
  )
  if (isHeld) await step()
}

export interface PublishOptions extends Pick<Publication, 'mode' | 'modified' | 'isKept'> {
  lock?: Held | undefined
}

/** One file as `publishFiles` does it. */
export async function publishFile(
  from: string,
  to: string,
  { lock, ...how }: PublishOptions = {},
): Promise<void> {
  await publishFiles([{ from, to, ...how }], lock)
}

async function syncOrRemove({ from, mode, modified, isKept }: Publication): Promise<void> {
  const handle = await openToSync(from)
  try {
    if (modified) await handle.utimes(modified, modified)
    if (mode !== undefined) await handle.chmod(mode)
    await handle.sync().catch(async (error) => {
      if (!isKept) await removePath(from)
      throw error
    })
  } finally {
    await handle.close()
  }
}

/**
 * Writes a small file under a name that nobody else gives, and then gives it its final one. Its bytes survive
 * a power loss, its name only once the caller has synced the folder: a caller that publishes many does that
 * once for all of them.
 */
export async function publishDraft(
  draft: string,
  to: string,
  bytes: Uint8Array,
  { mode, modified }: Required<Pick<Publication, 'mode' | 'modified'>>,
): Promise<void> {
  try {
    const handle = await openNew(draft)
    try {
      await handle.writeFile(bytes)
      await handle.utimes(modified, modified)
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await renameOver(draft, to)
  } catch (error) {
    throw await closedAfter(error, () => removePath(draft))
  }
}

/**
 * Makes the bytes of a file survive a power loss, whoever wrote them. Windows cannot if the file is
 * read-only.
 */
export async function syncFile(file: string): Promise<void> {
  await syncIfPossible(file, openToSync)
}

export interface ReplaceOptions {
  /** Default: 0644. */
  mode?: number
  /** Whose it is to be; default: this user's. */
  owner?: { uid: number; gid: number } | undefined
  /** Under which it is replaced. */
  lock?: Held | undefined
  /**
   * Drafts left by killed processes are removed elsewhere, because looking for them reads the whole folder.
   * Default: they are removed here.
   */
  isSwept?: boolean
  /** Nothing is synced: a power loss may take the file or leave it torn, and then it is made again. */
  isPassing?: boolean
}

/**
 * Replaces a file in one step: readers see the old bytes or the new ones, even after a crash. If a stream of
 * new bytes fails, the old ones stay.
 * @throws LOCK_LOST, and what the bytes throw
 */
export async function replaceFile(
  file: string,
  bytes: Uint8Array | Bytes,
  { mode = 0o644, owner, lock, isSwept = false, isPassing = false }: ReplaceOptions = {},
): Promise<void> {
  if (!isSwept) await removeOrphans(file)
  const temporary = replacementOf(file)
  try {
    const handle: FileHandle = await openNew(temporary, mode)
    try {
      if (owner) await handle.chown(owner.uid, owner.gid)
      if (bytes instanceof Uint8Array) await handle.writeFile(bytes)
      else await writeBytes(handle, bytes, 0, () => {})
    } finally {
      await handle.close()
    }
    if (isPassing) await renameUnder(lock, temporary, file)
    else await publishFile(temporary, file, { lock })
  } catch (error) {
    throw await closedAfter(error, () => removePath(temporary))
  }
}
