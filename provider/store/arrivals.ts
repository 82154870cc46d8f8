import { randomUUID } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { isAbandoned, type Lock, takeLock } from '../io/files/lock.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { takeIngestLock } from './ingest-lock.js'
import type { Places } from './places.js'
import type { SweptBlob } from './sweep.js'

/** File times may be coarser than the clock. */
const GRAIN_MS = 2000

/** A copy that began then may have added everything. */
const EVER = 1

/**
 * Announces that a copy is adding blobs, which nothing names until the last of them is there. The
 * announcement ends with its process.
 */
export async function announceArrival(places: Places): Promise<Lock> {
  for (const { name } of await announced(places)) {
    const file = path.join(places.ingestFolder, name)
    if (await isAbandoned(file)) await removePath(file)
  }
  // The time is the file system's, like the times of blobs: this process's clock may be wrong.
  const place = (began: number): string =>
    path.join(places.ingestFolder, `copy-${began}-${randomUUID()}.lock`)
  const since = place(EVER)
  const probe = await takeIngestLock(places, since)
  try {
    return await takeLock(place(Math.floor((await lstat(since)).ctimeMs)))
  } finally {
    await probe.release()
  }
}

/**
 * The blobs that no running copy can have added: those older than every announced copy. If a copy began later
 * than now, the clock has been set back, and times mean nothing.
 */
export async function withoutArrivals(places: Places, blobs: SweptBlob[]): Promise<SweptBlob[]> {
  const since = await runningArrivals(places)
  if (since === undefined) return blobs
  if (since.last > (await timeThere(places)) + GRAIN_MS) return []
  const settled: SweptBlob[] = []
  for (const blob of blobs) {
    const stats = await lstat(places.blob(blob.digest)).catch(() => undefined)
    if (stats && Math.max(stats.mtimeMs, stats.ctimeMs) < since.first - GRAIN_MS) settled.push(blob)
  }
  return settled
}

/** When the oldest running copy began, and when the newest, in milliseconds since 1970. */
async function runningArrivals(places: Places): Promise<{ first: number; last: number } | undefined> {
  const began: number[] = []
  for (const one of await announced(places))
    if (!(await isAbandoned(path.join(places.ingestFolder, one.name)))) began.push(one.began)
  return began.length === 0 ? undefined : { first: Math.min(...began), last: Math.max(...began) }
}

/** The file system's own time: the caller has just changed something there. */
async function timeThere({ ingestFolder }: Places): Promise<number> {
  return (await lstat(ingestFolder)).ctimeMs
}

interface Announcement {
  name: string
  /** In milliseconds since 1970. */
  began: number
}

async function announced(places: Places): Promise<Announcement[]> {
  const names = await readdir(places.ingestFolder).catch(() => [])
  return names.flatMap((name) => {
    const began = Number(/^copy-(\d+)-[0-9a-f-]+\.lock$/.exec(name)?.[1])
    return began ? [{ name, began }] : []
  })
}
