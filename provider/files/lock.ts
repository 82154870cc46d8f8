import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import { pause } from '../timing/pause.js'
import { inWords } from './system-errors.js'

/** Who holds a lock; the content of the lock file. */
interface Holder {
  id: string
  pid: number
  host: string
  /** When the process began, in the system's ticks, so that a pid used again is not taken for the holder. */
  started?: string
}

export interface LockOptions {
  signal?: AbortSignal
  /** How long to wait for a living holder, in milliseconds. */
  patience?: number
}

export interface Lock {
  release(): Promise<void>
}

const RETRY_MS = 25
/** A holder touches its lock this often; one on another host that is silent for much longer is gone. */
const TOUCH_MS = 10_000
const SILENT_MS = 120_000
const DEFAULT_PATIENCE_MS = 60_000

/**
 * Takes a lock that other processes respect: a file made only if it is not there. The lock of a process
 * that died is taken over at once.
 * @throws STORE_LOCKED after the patience, INTERRUPTED, PERMISSION_DENIED, NO_SPACE
 */
export async function takeLock(file: string, options: LockOptions = {}): Promise<Lock> {
  const holder: Holder = { id: randomUUID(), pid: process.pid, host: hostname(), ...startedNow() }
  const deadline = Date.now() + (options.patience ?? DEFAULT_PATIENCE_MS)
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => inWords(`Locking ${file}`, 'destination', step)
  while (!(await inTurn(() => tryMake(file, holder)))) {
    throwIfAborted(options.signal)
    if (await inTurn(() => breakStale(file))) continue
    if (Date.now() >= deadline) throw await lockedBy(file)
    await pause(RETRY_MS, options.signal)
  }
  return held(file, holder)
}

function held(file: string, holder: Holder): Lock {
  const touch = setInterval(() => {
    const now = new Date()
    utimes(file, now, now).catch(() => {})
  }, TOUCH_MS)
  touch.unref()
  return {
    async release() {
      clearInterval(touch)
      // Silent for long enough, on a host that slept, it may have been taken over: then it is not ours to remove.
      if ((await readHolder(file))?.id === holder.id) await rm(file, { force: true })
    },
  }
}

async function tryMake(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o644)
    try {
      await handle.writeFile(JSON.stringify(holder))
    } catch (error) {
      // On a full disk a name can be made, and nothing written under it.
      await rm(file, { force: true })
      throw error
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // Windows answers EPERM while a file of that name is being deleted.
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false
    throw error
  }
}

/** Whether the process that holds a lock is gone. */
export async function isAbandoned(file: string): Promise<boolean> {
  const silent = await silence(file)
  if (silent === undefined) return false
  const holder = await readHolder(file)
  // An empty file is one whose maker has not written yet, or died before it could.
  if (!holder) return silent > TOUCH_MS / 2
  if (holder.host !== hostname()) return silent > SILENT_MS
  return !isAlive(holder)
}

/** Removes a lock whose holder died; any other is left alone. */
export async function removeAbandoned(file: string): Promise<void> {
  await breakStale(file)
}

async function silence(file: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(file)).mtimeMs
  } catch {
    return undefined
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Holder
    return typeof value.pid === 'number' && typeof value.host === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = startOf(holder.pid)
  return holder.started === undefined || started === undefined || started === holder.started
}

function startedNow(): { started?: string } {
  const started = startOf(process.pid)
  return started === undefined ? {} : { started }
}

/** Field 22 of /proc/PID/stat, counted after the name in brackets, which may hold blanks (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/**
 * Removes a lock whose holder is gone; returns whether it did. Only one process at a time may, or it could
 * remove the next holder's.
 */
async function breakStale(file: string): Promise<boolean> {
  if (!(await isAbandoned(file))) return false
  const gate = `${file}.break`
  try {
    await (await open(gate, 'wx')).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const silent = await silence(gate)
    if (silent !== undefined && silent > TOUCH_MS) await rm(gate, { force: true })
    return false
  }
  try {
    const stale = await isAbandoned(file)
    if (stale) await rm(file, { force: true })
    return stale
  } finally {
    await rm(gate, { force: true })
  }
}

async function lockedBy(file: string): Promise<ContainerImageError> {
  const holder = await readHolder(file)
  const who = holder
    ? `process ${holder.pid}${holder.host === hostname() ? '' : ' on another host'}`
    : 'another process'
  return new ContainerImageError('STORE_LOCKED', `A file that is needed is in use by ${who}.`, {
    side: 'destination',
    expected: `the lock ${file} to be let go`,
    found: who,
  })
}
