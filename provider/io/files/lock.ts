import { randomUUID } from 'node:crypto'
import { link, lstat, open, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { ContainerImageError, hasCode, throwIfAborted } from '../../../manifests/index.js'
import { closedAfter } from '../closing/closing.js'
import { codedError } from '../coded-error.js'
import { pause } from '../pause.js'
import type { Held } from './durable.js'
import { kernelPlace } from './kernel-place.js'
import { openNew } from './own-file.js'
import { checkMayBeMade } from './portable-name.js'
import { isRunning, processOf } from './process-number.js'
import { documentThere } from './read-document.js'
import { removePath } from './rename-and-remove.js'
import { removeOrphanedLocks, replacementOf } from './replacement-name.js'
import { hasNoSecondNames } from './second-names.js'
import { inWords } from './system-errors.js'

/** Who holds a lock; the content of the lock file. */
interface Holder {
  id: string
  pid: number
  host: string
  /** Where the number means this process and no other: one start of a kernel, and one namespace of its numbers. */
  place?: string
  /** When the process began, in the system's ticks, so that a reused pid is not taken for the holder. */
  started?: string
}

export interface LockOptions {
  signal?: AbortSignal
  /** How long to wait for a living holder, in milliseconds. */
  patience?: number
  /** How long a lock must be untouched if the holder's pid says nothing, in milliseconds; less in tests. */
  silence?: number
}

export interface Lock extends Held {
  release(): Promise<void>
}

/** A holder's description of itself is far smaller. */
const HOLDER_BYTES = 64 * 1024
const RETRY_MS = 25
/**
 * A holder touches its lock this often. If its pid says nothing here, because it is on another host or in
 * another namespace, it counts as gone once this process has seen its lock untouched for much longer: by this
 * process's own clock, as no other can be trusted.
 */
const TOUCH_MS = 10_000
const SILENT_MS = 45_000
/** If nothing has been written into it for this long, its maker has died. */
const EMPTY_MS = 5_000
const DEFAULT_PATIENCE_MS = 60_000
/**
 * For waiting for work that ends by itself: longer than any takes. The holder's death is noticed at once all
 * the same.
 */
export const UNTIL_DONE_MS = 24 * 3600 * 1000
/**
 * If we have not looked for longer than this, we were asleep, and the holder perhaps too: only this much
 * counts as silence.
 */
const LOOK_MS = 1000

/**
 * Takes a lock that other processes respect: a file made only if it is not there. The lock of a process
 * that died is taken over at once. A holder that gives no sign of life for long, and whose process cannot be
 * checked, as on a host that slept, may lose it, and finds out by `check`, which is called before anything
 * gets its name under the lock.
 * @throws STORE_LOCKED after the patience, INTERRUPTED, PERMISSION_DENIED, NO_SPACE
 */
export async function takeLock(file: string, options: LockOptions = {}): Promise<Lock> {
  const holder: Holder = {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    place: kernelPlace(),
    ...startedNow(),
  }
  heldHere.add(holder.id)
  const { signal, patience = DEFAULT_PATIENCE_MS, silence = SILENT_MS } = options
  const deadline = performance.now() + patience
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => inWords(`Locking ${file}`, 'destination', step)
  try {
    await removeOrphanedLocks(path.dirname(file))
    while (!(await inTurn(() => tryMake(file, holder)))) {
      throwIfAborted(signal)
      if (await inTurn(() => breakStale(file, silence))) continue
      if (performance.now() >= deadline) throw await lockedBy(file)
      await pause(RETRY_MS, signal)
    }
  } catch (error) {
    heldHere.delete(holder.id)
    throw error
  } finally {
    seen.delete(file)
  }
  return held(file, holder)
}

/** Locks that this process holds or is about to. */
const heldHere = new Set<string>()

function held(file: string, holder: Holder): Lock {
  const touch = setInterval(() => {
    const now = new Date()
    utimes(file, now, now).catch(() => {})
  }, TOUCH_MS)
  touch.unref()
  return {
    async check() {
      const there = await inWords(`Checking ${file}`, 'destination', () => documentThere(file, HOLDER_BYTES))
      if (there === undefined || holderIn(there)?.id !== holder.id) throw lockLost(file, there)
    },
    async release() {
      clearInterval(touch)
      // Even if it cannot be removed: this process must not wait for itself then.
      heldHere.delete(holder.id)
      // After a long silence, on a host that slept, it may have been taken over: then it is not ours to
      // remove.
      if ((await readHolder(file))?.id === holder.id)
        await inWords(`Unlocking ${file}`, 'destination', () => removePath(file))
    },
  }
}

function lockLost(file: string, there: Uint8Array | undefined): ContainerImageError {
  return new ContainerImageError('LOCK_LOST', 'Another process took what this one had locked.', {
    side: 'destination',
    expected: `the lock ${file}, held by process ${process.pid}`,
    found: there ? whoHolds(holderIn(there)) : 'no lock',
  })
}

/** Runs the last step of work done under a lock, unless the lock belongs to the next holder by now. */
export async function unlessLost(lock: Held | undefined, step: () => Promise<unknown>): Promise<void> {
  const isLost = await lock?.check().then(
    () => false,
    (error) => hasCode(error, 'LOCK_LOST'),
  )
  if (!isLost) await step()
}

/**
 * Writes a complete lock under a unique name first, so that a killed process leaves none without a holder in
 * it.
 */
async function tryMake(file: string, holder: Holder): Promise<boolean> {
  if (await isThere(file)) return false
  checkMayBeMade(file)
  const draft = replacementOf(file)
  try {
    // Nobody else knows this name: an error about it is about the folder, and will not go away.
    await write(draft, holder)
    return await linkTo(draft, file, holder)
  } catch (error) {
    // The name of the draft is longer than that of the lock.
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return await tryMakeAtOnce(file, holder)
    throw error
  } finally {
    await removePath(draft).catch(() => {})
  }
}

async function linkTo(draft: string, file: string, holder: Holder): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await isSame(draft, file)
    if (hasNoSecondNames(error)) return await tryMakeAtOnce(file, holder)
    throw error
  }
}

async function isThere(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    () => false,
  )
}

/**
 * A network file system may answer a repeated request by saying that the name exists, because the first
 * request made it.
 */
async function isSame(draft: string, file: string): Promise<boolean> {
  const [one, other] = await Promise.all([draft, file].map((place) => readHolder(place)))
  return one !== undefined && one.id === other?.id
}

async function tryMakeAtOnce(file: string, holder: Holder): Promise<boolean> {
  try {
    await write(file, holder)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Windows answers EPERM while a file of that name is being deleted; others could be made here a moment ago.
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false
    throw error
  }
}

async function write(file: string, holder: Holder): Promise<void> {
  const handle = await openNew(file)
  try {
    await handle.writeFile(JSON.stringify(holder))
  } catch (error) {
    // On a full disk a name can be made, and nothing written under it.
    throw await closedAfter(error, () => removePath(file))
  } finally {
    await handle.close()
  }
}

/**
 * Whether the process that holds a lock is gone. Its pid says so at once if it means the same here; otherwise
 * only watching the lock for long enough does, so that a single look never takes it from a living process.
 */
export async function isAbandoned(file: string, silence = SILENT_MS): Promise<boolean> {
  const untouched = await untouchedFor(file)
  if (untouched === undefined) return false
  const holder = await readHolder(file)
  if (!holder) return untouched > EMPTY_MS
  const life = lifeOf(holder)
  return life === 'unknown' ? untouched > silence : life === 'over'
}

/** Removes a lock whose holder died; any other is left alone. */
export async function removeAbandoned(file: string): Promise<void> {
  await removeOrphanedLocks(path.dirname(file))
  await breakStale(file)
}

/**
 * The same, also if only its silence can tell: waits until it is known. If it is touched in the meantime, its
 * holder lives.
 * @throws INTERRUPTED
 */
export async function removeSilent(
  file: string,
  { signal, silence = SILENT_MS }: LockOptions = {},
): Promise<void> {
  try {
    for (let before = 0; !(await breakStale(file, silence)); await pause(LOOK_MS / 4, signal)) {
      const untouched = await untouchedFor(file)
      if (untouched === undefined || untouched < before || (await isKnownToLive(file))) return
      before = untouched
    }
  } finally {
    seen.delete(file)
  }
}

async function isKnownToLive(file: string): Promise<boolean> {
  const holder = await readHolder(file)
  return holder !== undefined && lifeOf(holder) === 'lives'
}

/** What was last seen of a lock, when, and for how long it has been like that by this process's own clock. */
const seen = new Map<string, { mark: string; at: number; untouched: number }>()

/** How long a file was seen without a change, in milliseconds; undefined where it is not there. */
async function untouchedFor(file: string): Promise<number | undefined> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined)
  if (!stats) {
    seen.delete(file)
    return undefined
  }
  const mark = `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`
  const now = performance.now()
  const known = seen.get(file)
  const untouched = known?.mark === mark ? known.untouched + Math.min(now - known.at, LOOK_MS) : 0
  seen.set(file, { mark, at: now, untouched })
  return untouched
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const bytes = await documentThere(file, HOLDER_BYTES).catch(() => undefined)
  return bytes && holderIn(bytes)
}

function holderIn(bytes: Uint8Array): Holder | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Holder
    return typeof value.pid === 'number' && typeof value.host === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * What a holder's pid says: nothing for one elsewhere, and nothing if it may belong to another process by
 * now.
 */
function lifeOf(holder: Holder): 'lives' | 'over' | 'unknown' {
  const place = kernelPlace()
  // A system without places recognises its own locks by the host name; a holder with a place belongs to
  // another system on that host, such as WSL.
  const isHere = holder.place === place && (place !== undefined || holder.host === hostname())
  if (!isHere) return 'unknown'
  if (holder.pid === process.pid && holder.started === startedNow().started)
    return heldHere.has(holder.id) ? 'lives' : 'over'
  if (!isRunning(holder.pid)) return 'over'
  const { isOver, started } = processOf(holder.pid) ?? {}
  if (isOver) return 'over'
  if (holder.started === undefined || started === undefined) return 'unknown'
  return started === holder.started ? 'lives' : 'over'
}

function startedNow(): { started?: string } {
  const started = processOf(process.pid)?.started
  return started === undefined ? {} : { started }
}

/**
 * Removes a lock whose holder is gone; returns whether it did. Only one process at a time may, or it could
 * remove the next holder's.
 */
async function breakStale(file: string, silence = SILENT_MS): Promise<boolean> {
  if (!(await isAbandoned(file, silence))) return false
  const gate = `${file}.break`
  try {
    await (await open(gate, 'wx', 0o644)).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (((await untouchedFor(gate)) ?? 0) > TOUCH_MS) await removePath(gate)
    return false
  }
  try {
    const stale = await isAbandoned(file, silence)
    if (stale) await removeStale(file)
    return stale
  } finally {
    await removePath(gate)
  }
}

/** A link goes itself, and not what it leads to; a folder is nothing that this program made. */
async function removeStale(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined)
  if (stats?.isDirectory()) throw codedError('IN_THE_WAY', `${file} is a folder`)
  await removePath(file)
}

async function lockedBy(file: string): Promise<ContainerImageError> {
  const who = whoHolds(await readHolder(file))
  return new ContainerImageError('STORE_LOCKED', `A file that is needed is in use by ${who}.`, {
    side: 'destination',
    expected: `the lock ${file} to be let go`,
    found: who,
  })
}

function whoHolds(holder: Holder | undefined): string {
  if (!holder) return 'another process'
  return `process ${holder.pid}${holder.host === hostname() ? '' : ' on another host'}`
}
