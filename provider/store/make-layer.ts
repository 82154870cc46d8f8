import { closeSync, ftruncateSync } from 'node:fs'
import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  type Manifest,
  MEDIA_TYPES,
  parseConfig,
  parseManifest,
} from '../../manifests/index.js'
import type { LayerMaker, LayerWork, MadeLayer } from '../copy/ports.js'
import { closeAll, closing } from '../io/closing/closing.js'
import { type Lock, takeLock, UNTIL_DONE_MS, unlessLost } from '../io/files/lock.js'
import { clearName, openNewSync } from '../io/files/own-file.js'
import { readDocument } from '../io/files/read-document.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { checkSpace } from '../io/files/space.js'
import { inWords } from '../io/files/system-errors.js'
import { syncData, Writeback } from '../io/files/writeback.js'
import { gzipFile } from '../io/gzip/gzip-file.js'
import { Follower } from '../io/hashing/follower.js'
import type { Hasher } from '../io/hashing/hasher.js'
import { announceArrival } from './arrivals.js'
import { publish } from './ingest.js'
import { makeStore, type Store } from './store.js'
import { takeBack } from './sweep.js'

export interface LayerMakerOptions {
  /** Make layers again that were made before: one may be damaged. */
  again?: boolean
}

/**
 * Makes layers in the store itself: each becomes a blob in one step, once it is complete. Nothing names it
 * yet; the announcement protects it from other processes that prune.
 */
export function layerMaker(
  store: Store,
  hasher: Hasher,
  { again = false }: LayerMakerOptions = {},
): LayerMaker {
  const made = new Set<Digest>()
  let arrival: Lock | undefined
  return {
    find: async (identity) => (again ? undefined : await findMade(store, hasher, identity)),
    async make(work, options) {
      await checkSpace(store.places.root, work.sizeAtMost)
      await makeStore(store.places)
      arrival ??= await announceArrival(store.places)
      const layer = await makeLayer(store, hasher, work, options?.signal)
      made.add(layer.descriptor.digest)
      return layer
    },
    async close() {
      await closeAll([
        () => (made.size > 0 ? takeBack(store.places, made) : undefined),
        () => arrival?.release(),
      ])
    },
  }
}

/**
 * Makes a layer in the ingest folder, hashes it while it grows, and gives it its name: synced, renamed, and
 * the folder synced, as with every blob. Two processes that make the same layer take turns.
 */
async function makeLayer(
  store: Store,
  hasher: Hasher,
  work: LayerWork,
  signal?: AbortSignal,
): Promise<MadeLayer> {
  const part = store.places.making(work.identity)
  const packed = `${part}.gz`
  const locks: Lock[] = []
  const begun: (() => Promise<void>)[] = []
  const lockFor = async (file: string): Promise<Lock> => {
    const lock = await takeLock(`${file}.lock`, { signal, patience: UNTIL_DONE_MS })
    locks.push(lock)
    // What a killed run left of it cannot be trusted: nobody knows which of its bytes are final.
    await inWords(`Writing ${file}`, 'destination', () => clearName(file))
    begun.push(() => unlessLost(lock, () => removePath(file)))
    return lock
  }
  const close = (): Promise<void> => closeAll([...begun, ...locks.map((lock) => () => lock.release())])
  return await closing(close, async () => {
    const lock = await lockFor(part)
    const lockOfPacked = work.compress ? await lockFor(packed) : undefined
    const tar = await writeAndHash(part, hasher, (file) => work.write(file))
    const diffId = digestOf(tar)
    if (lockOfPacked) {
      const { size, hex } = await writeAndHash(packed, hasher, ({ fd, ready }) =>
        gzipFile(part, tar.size, fd, { ready, signal }),
      )
      return await finish(
        store,
        { part: packed, lock: lockOfPacked },
        MEDIA_TYPES.ociLayerGzip,
        { size, hex },
        diffId,
      )
    }
    return await finish(store, { part, lock }, MEDIA_TYPES.ociLayer, tar, diffId)
  })
}

interface Written {
  size: number
  hex: string
}

function digestOf({ hex }: Written): Digest {
  return `sha256:${hex}`
}

async function finish(
  store: Store,
  { part, lock }: { part: string; lock: Lock },
  mediaType: string,
  written: Written,
  diffId: Digest,
): Promise<MadeLayer> {
  const descriptor: Descriptor = { mediaType, digest: digestOf(written), size: written.size }
  await publish(store, descriptor, part, lock)
  return { descriptor, diffId, path: store.places.blob(descriptor.digest) }
}

async function writeAndHash(part: string, hasher: Hasher, write: LayerWork['write']): Promise<Written> {
  return await inWords(`Writing ${part}`, 'destination', () => writeFollowed(part, hasher, write))
}

async function writeFollowed(part: string, hasher: Hasher, write: LayerWork['write']): Promise<Written> {
  const fd = openNewSync(part)
  const follower = new Follower(part)
  const writeback = new Writeback(() => syncData(fd))
  let written = 0
  const settle = (): Promise<void> => writeback.settled().catch(() => {})
  return await closing([() => follower.stop(), settle, () => closeSync(fd)], async () => {
    const ready = (upTo: number): void => {
      follower.ready(upTo)
      writeback.wrote(upTo - written)
      written = upTo
    }
    const size = await write({ fd, ready })
    ftruncateSync(fd, size)
    const hex = (await follower.end(size)) ?? (await hashOf(part, size, hasher))
    await writeback.settled()
    return { size, hex }
  })
}

/** In case it could not be followed. */
async function hashOf(part: string, size: number, hasher: Hasher): Promise<string> {
  const source = { path: part, offset: 0, size }
  return (await hasher.run({ source, algorithm: 'sha256' })).hex
}

async function findMade(store: Store, hasher: Hasher, identity: string): Promise<MadeLayer | undefined> {
  const { places } = store
  for (const entry of await store.entries()) {
    if (!isManifestType(entry.mediaType)) continue
    const manifest = await readManifest(places.blob(entry.digest), entry.mediaType)
    const descriptor = manifest?.layers[0]
    if (!manifest || !descriptor || manifest.annotations?.[ANNOTATIONS.madeOf] !== identity) continue
    const config = await readDocument(places.blob(manifest.config.digest), LIMITS.configBytes).then(
      parseConfig,
      () => undefined,
    )
    const diffId = config?.rootfs.diff_ids[0]
    if (diffId && manifest.layers.length === 1 && (await store.checked.has(descriptor, hasher)))
      return { descriptor, diffId, path: places.blob(descriptor.digest) }
  }
  return undefined
}

/** A document that cannot be read cannot be trusted: the layer is made again. */
async function readManifest(file: string, mediaType: string): Promise<Manifest | undefined> {
  return await readDocument(file, LIMITS.manifestBytes).then(
    (bytes) => parseManifest(bytes, mediaType),
    () => undefined,
  )
}
