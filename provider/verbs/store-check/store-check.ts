import { existsSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { ContainerImageError, type Descriptor, option, printable } from '../../../manifests/index.js'
import { type Context, inContext } from '../../session/context.js'
import { wholeBlobs } from '../../session/present-blobs.js'
import { writeLostIndex } from '../../store/lost-index.js'
import type { Places } from '../../store/places.js'
import type { Store } from '../../store/store.js'
import { blobNames } from '../../store/sweep.js'
import { entriesOrWrong, type WrongFile, writeLayoutFile, wrongLayoutFile } from '../../store/whole-index.js'
import { BlobRepair } from './blob-repair.js'
import { leftoversIn, removeUseless } from './leftovers.js'
import { type FoundEntries, lostEntries } from './lost-names.js'
import { notesFor } from './notes.js'
import { closingOffers, type Offers } from './offers.js'
import type { StoreCheckRequest, StoreCheckResult, StoreProblem } from './request.js'

/**
 * Reads every blob of the store, and says what is damaged or missing, which images need it, and where to get
 * it. With `repair` it is restored from there: only bytes with the right digest get in, and the next run
 * continues one that was stopped. A lost index is rebuilt from the blobs, the store's receipts, and what
 * `from` names.
 * @throws LAYOUT_INVALID for a folder of something else, PATH_NOT_FOUND, SOURCE_UNKNOWN, STORE_LOCKED, NO_SPACE,
 * IN_THE_WAY; what is wrong with the store is in the result
 */
export async function storeCheck(request: StoreCheckRequest = {}): Promise<StoreCheckResult> {
  return await inContext(request, async (context) => {
    const store = await context.storeAsItIs()
    if (!(await isStore(store.places)))
      return { ok: true, blobs: 0, bytes: 0, problems: [], leftovers: [], broughtBytes: 0, notes: [] }
    return await closingOffers(context, request, (offers) => check(context, store, request, offers))
  })
}

/** False where nothing is yet. @throws LAYOUT_INVALID for a folder of something else */
async function isStore(places: Places): Promise<boolean> {
  const names = await readdir(places.root).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return false
  if (['oci-layout', 'index.json', 'ingest'].some((name) => names.includes(name))) return true
  if ((await blobNames(places)).length > 0) return true
  throw new ContainerImageError('LAYOUT_INVALID', `${places.root} is not a store.`, {
    side: 'destination',
    expected: 'an OCI image layout, or what is left of one',
    found: names.slice(0, 5).map(printable).join(', '),
    remedy: `Name the store with ${option('store')}.`,
  })
}

async function check(
  context: Context,
  store: Store,
  request: StoreCheckRequest,
  offers: Offers,
): Promise<StoreCheckResult> {
  const { places, checked } = store
  const { repair = false, whatIf = false, signal } = request
  const isChanged = repair && !whatIf
  const there = await readBlobs(context, store)
  const layout = await wrongLayoutFile(places)
  const index = await entriesOrWrong(places)
  const found: FoundEntries = index.wrong
    ? await foundAgain(store, there, offers)
    : { entries: index.entries, nameless: [] }
  const aside = index.wrong && isChanged ? await writeLostIndex(places, found.entries, signal) : undefined
  if (layout && isChanged) await writeLayoutFile(places)
  const files = [index.wrong, layout].flatMap((wrong) => (wrong ? [fileProblem(wrong, repair)] : []))
  const blobs = new BlobRepair(context, store, there, offers)
  await (repair ? blobs.repair(found.entries, whatIf) : blobs.look(found.entries))
  if (!whatIf && existsSync(places.ingestFolder)) await checked.keep()
  const problems = [...files, ...blobs.problems]
  const left = await leftoversIn(places)
  const leftovers = isChanged
    ? await removeUseless(places, left)
    : left.map((one) => ({ ...one, removed: repair && one.kind === 'useless' }))
  return {
    ok: problems.every(({ repaired }) => repaired && !whatIf),
    blobs: there.length,
    bytes: there.reduce((sum, { size }) => sum + size, 0),
    problems,
    leftovers,
    broughtBytes: blobs.broughtBytes,
    notes: await notesFor(places, problems, { aside, nameless: found.nameless, request }),
  }
}

/** Reads everything whose name is a digest, and returns it, with its size. */
async function readBlobs(context: Context, store: Store): Promise<Descriptor[]> {
  const there: Descriptor[] = []
  const files: Descriptor[] = []
  for (const digest of await blobNames(store.places)) {
    const stats = await lstat(store.places.blob(digest)).catch(() => undefined)
    if (!stats) continue
    const blob = { mediaType: '', digest, size: stats.isFile() ? stats.size : 0 }
    there.push(blob)
    if (stats.isFile()) files.push(blob)
  }
  await wholeBlobs(context, store, files)
  return there
}

/** The receipts are enough to ask other places by name; what those say takes precedence. */
async function foundAgain(
  { places, checked }: Store,
  there: readonly Descriptor[],
  offers: Offers,
): Promise<FoundEntries> {
  const whole: Descriptor[] = []
  for (const blob of there) if (await checked.known(blob)) whole.push(blob)
  const { entries } = await lostEntries(places, whole, [])
  const elsewhere = (await offers.for(entries)).flatMap(({ images }) => images)
  return await lostEntries(places, whole, elsewhere)
}

function fileProblem({ code, path, expected, found, message }: WrongFile, repaired: boolean): StoreProblem {
  return { code, path, expected, found, message, neededBy: [], from: [], repaired }
}
