import type { TreeEntry } from '../tree/entry.js'

/** What a tree has under one name, wherever it comes from. */
export type AnyEntry = Omit<TreeEntry, 'layer'>

/** How two things with the same name differ. */
export type Difference =
  | 'kind'
  | 'size'
  | 'content'
  | 'mode'
  | 'owner'
  | 'target'
  | 'device'
  | 'attributes'
  | 'links'
  | 'time'

export interface CompareOptions {
  /** Whether extended attributes are known on both sides; default: yes. */
  attributes?: boolean
}

/** How two things with the same name differ, as far as is known without reading their bytes. */
export function differencesOf(
  a: AnyEntry,
  b: AnyEntry,
  { attributes = true }: CompareOptions = {},
): Difference[] {
  if (a.kind !== b.kind) return ['kind']
  const found: Difference[] = []
  if (a.kind === 'file' && a.size !== b.size) found.push('size')
  // On Linux links have no modes, and tools write whatever they like.
  if (a.kind !== 'link' && a.mode !== b.mode) found.push('mode')
  if (a.uid !== b.uid || a.gid !== b.gid) found.push('owner')
  if (a.target !== b.target) found.push('target')
  if (a.device?.major !== b.device?.major || a.device?.minor !== b.device?.minor) found.push('device')
  if (attributes && !sameAttributes(a.xattrs, b.xattrs)) found.push('attributes')
  if (!sameTime(a.mtime, b.mtime)) found.push('time')
  return found
}

/** Seconds as a 64-bit number have no more digits than this. */
const EXACT = 2e-6

/** A whole number of seconds is exact: a file changed later would have a fraction. */
export function sameTime(a: number, b: number): boolean {
  if (Number.isInteger(a) || Number.isInteger(b)) return a === b
  return Math.abs(a - b) < EXACT
}

function sameAttributes(a: AnyEntry['xattrs'], b: AnyEntry['xattrs']): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false
  for (const [name, value] of a ?? []) {
    const other = b?.get(name)
    if (!other || !Buffer.from(value).equals(other)) return false
  }
  return true
}
