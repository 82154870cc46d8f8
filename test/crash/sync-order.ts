import path from 'node:path'
import type { Call } from './tracing.js'

/** Names on the way to others, which nobody counts on after a loss of power. */
const ON_THE_WAY = /\.(part|swap|lock|break|old)(\/|$)|\/ingest\/[^/]+$|\/ingest\/set-|\/making-/

/**
 * What of the names that files got, and lost, would not survive a loss of power: each file must be synced by this very
 * run after its last byte and before it gets its name, and its folder afterwards.
 */
export function unsynced(calls: Call[], folder: string): string[] {
  const found: string[] = []
  for (const call of calls) {
    const [from = '', to = ''] = call.paths
    if (call.name.startsWith('rename') && isFinal(to, folder)) {
      if (!isSynced(calls, from, call.began)) found.push(`${path.relative(folder, to)} was not synced`)
      if (!isSyncedLater(calls, path.dirname(to), call.ended))
        found.push(`the folder of ${path.relative(folder, to)} was not synced`)
    }
    if (call.name.startsWith('unlink') && /\/blobs\/[^/]+\/[0-9a-f]+$/.test(from) && !ON_THE_WAY.test(from))
      if (!isSyncedLater(calls, path.dirname(from), call.ended))
        found.push(`the folder of ${path.relative(folder, from)} was not synced`)
  }
  return found
}

/** The names that files got. */
export function named(calls: Call[], folder: string): string[] {
  return calls
    .filter(({ name, paths: [, to = ''] }) => name.startsWith('rename') && isFinal(to, folder))
    .map(({ paths: [, to = ''] }) => path.relative(folder, to))
}

function isFinal(name: string, folder: string): boolean {
  return name.startsWith(`${folder}/`) && !ON_THE_WAY.test(name)
}

function isSynced(calls: Call[], file: string, before: number): boolean {
  return calls.some(
    (sync) =>
      sync.name === 'fsync' &&
      sync.paths[0] === file &&
      sync.ended < before &&
      !calls.some(
        (other) =>
          isWrite(other) && other.paths[0] === file && other.ended > sync.began && other.began < before,
      ),
  )
}

function isSyncedLater(calls: Call[], folder: string, after: number): boolean {
  return calls.some(({ name, paths, began }) => name === 'fsync' && paths[0] === folder && began > after)
}

function isWrite({ name }: Call): boolean {
  return name.includes('write') || name === 'ftruncate'
}
