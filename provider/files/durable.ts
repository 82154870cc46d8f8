import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'

/** Some network file systems cannot sync a folder, and one that is not ours may not be opened to be read. */
const CANNOT_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EACCES', 'EPERM'])

/**
 * Makes the names in a folder survive a loss of power; containerd learnt only in 2025 that syncing the file
 * is not enough. Windows has no such call and does not need it: NTFS journals names.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle?.close()
  }
}

/** Makes a folder, and those above it, that survive a loss of power. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; ; made = path.dirname(made)) {
    await syncFolder(path.dirname(made))
    if (made === first || made === path.dirname(made)) return
  }
}

/** The temporary file beside one that is being replaced; each replacement has its own, also within a process. */
const TEMPORARY = /^\..+\.[0-9a-f-]{36}\.new$/

/** Names this process among those of all machines that may write to the same folder. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const MAKER = /\.([0-9a-f]{8})-(\d{1,10})\.[0-9a-f-]{36}\.new$/

/** Whether a name is one that `replaceFile` gave in a process of this machine that lives no more. */
export function isOrphaned(name: string): boolean {
  const [, host, pid] = MAKER.exec(name) ?? []
  if (host !== HOST) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Whether a name is one that `replaceFile` gives to what it has not renamed yet. */
export function isReplacement(name: string): boolean {
  return TEMPORARY.test(name)
}

/** Replaces a small file in one step: whoever reads it sees the old bytes or the new ones, also after a crash. */
export async function replaceFile(file: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${HOST}-${process.pid}.${randomUUID()}.new`,
  )
  try {
    const handle: FileHandle = await open(temporary, 'w', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}
