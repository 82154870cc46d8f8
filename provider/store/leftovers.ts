/** An incoming blob, a layer being made, a file being fetched, the announcement of a copy. */
const FILES = [
  /^sha256-[0-9a-f]{64}$/,
  /^sha512-[0-9a-f]{128}$/,
  /^made-[0-9a-f]{64}(\.gz)?$/,
  /^download-[0-9a-f]{32}(\.part)?$/,
  /^copy-(\d+-)?[0-9a-f-]{36}$/,
]

/** A set of volumes that arrive one by one, and what has to be unpacked to be read. */
const FOLDERS = [/^set-[0-9a-f]{64}$/, /^unpacked-[0-9a-f-]{36}$/]

/** Things that have their lock here but are elsewhere. The caller holds the lock of the index. */
const LOCKS = [/^receipts\.jsonl$/, /^media$/]

export type LeftoverKind = 'file' | 'folder' | 'lock'

const LOCK_ENDING = /(\.lock(\.break)?)+$/

/**
 * What this program may have left in `ingest/` under a name, without the ending of a lock; undefined for a
 * name that it never gives. On a stick a folder of that name may belong to its owner.
 */
export function leftoverOf(name: string): { base: string; kind: LeftoverKind } | undefined {
  const base = name.replace(LOCK_ENDING, '')
  const isOne = (forms: RegExp[]): boolean => forms.some((form) => form.test(base))
  if (isOne(FILES)) return { base, kind: 'file' }
  if (isOne(FOLDERS)) return { base, kind: 'folder' }
  return isOne(LOCKS) && base !== name ? { base, kind: 'lock' } : undefined
}
