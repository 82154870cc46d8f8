import { closeSync, fdatasync, ftruncateSync, openSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isManifestType,
  type Manifest,
  MEDIA_TYPES,
  parseConfig,
  parseManifest,
} from '../../manifests/index.js'
import { type Lock, takeLock } from '../files/lock.js'
import { checkSpace } from '../files/space.js'
import { inWords } from '../files/system-errors.js'
import { gzipFile } from '../gzip/gzip-file.js'
import { Follower } from '../hashing/follower.js'
import type { Hasher } from '../hashing/hasher.js'
import type { LayerMaker, LayerWork, MadeLayer } from '../ports.js'
import { announceArrival } from './arrivals.js'
import { hasBlob, publish } from './ingest.js'
import type { Places } from './places.js'
import { makeStore, type Store } from './store.js'
import { takeBack } from './sweep.js'

/** Longer than any layer takes; the holder's death is noticed at once all the same. */
const PATIENCE_MS = 24 * 3600 * 1000
/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 32 * 1024 * 1024

export interface LayerMakerOptions {
  /** Make again what was made before: it may be damaged. */
  again?: boolean
}

/**
 * Makes layers in the store itself: each becomes a blob in one step, once it is whole. It has no name yet; the
 * announcement keeps it from other processes that prune.
 */
export function layerMaker(
  store: Store,
  hasher: Hasher,
  { again = false }: LayerMakerOptions = {},
): LayerMaker {
  const made = new Set<Digest>()
  let arrival: Lock | undefined
  return {
    find: async (identity) => (again ? undefined : await findMade(store, identity)),
    async make(work, options) {
      await checkSpace(store.places.root, work.sizeAtMost)
      await makeStore(store.places)
      arrival ??= await announceArrival(store.places)
      const layer = await makeLayer(store, hasher, work, options?.signal)
      made.add(layer.descriptor.digest)
      return layer
    },
    async close() {
      if (made.size > 0) await takeBack(store.places, made)
      await arrival?.release()
    },
  }
}

/**
 * Makes a layer in the ingest folder, hashes it while it grows, and gives it its name: synced, renamed, and
 * the folder synced, as with every blob. Two processes that make the same layer take turns.
 */
async function makeLayer(
  { places }: Store,
  hasher: Hasher,
  work: LayerWork,
  signal?: AbortSignal,
): Promise<MadeLayer> {
  const part = places.making(work.identity)
  const packed = `${part}.gz`
  const locks: Lock[] = []
  try {
    for (const file of work.compress ? [part, packed] : [part])
      locks.push(await takeLock(`${file}.lock`, { ...(signal ? { signal } : {}), patience: PATIENCE_MS }))
    const tar = await writeAndHash(part, hasher, (file) => work.write(file))
    const diffId = digestOf(tar)
    if (work.compress) {
      const { size, hex } = await writeAndHash(packed, hasher, ({ fd, ready }) =>
        gzipFile(part, tar.size, fd, { ready, ...(signal ? { signal } : {}) }),
      )
      return await finish(places, packed, MEDIA_TYPES.ociLayerGzip, { size, hex }, diffId)
    }
    return await finish(places, part, MEDIA_TYPES.ociLayer, tar, diffId)
  } finally {
    if (locks.length > 0) await rm(part, { force: true })
    if (locks.length > 1) await rm(packed, { force: true })
    for (const lock of locks) await lock.release()
  }
}

interface Written {
  size: number
  hex: string
}

function digestOf({ hex }: Written): Digest {
  return `sha256:${hex}`
}

async function finish(
  places: Places,
  part: string,
  mediaType: string,
  written: Written,
  diffId: Digest,
): Promise<MadeLayer> {
  const descriptor: Descriptor = { mediaType, digest: digestOf(written), size: written.size }
  await publish(places, descriptor, part)
  return { descriptor, diffId, path: places.blob(descriptor.digest) }
}

async function writeAndHash(part: string, hasher: Hasher, write: LayerWork['write']): Promise<Written> {
  return await inWords(`Writing ${part}`, 'destination', () => writeFollowed(part, hasher, write))
}

async function writeFollowed(part: string, hasher: Hasher, write: LayerWork['write']): Promise<Written> {
  // What a run that was killed left of it cannot be trusted: nobody knows which of its bytes are final.
  const fd = openSync(part, 'w', 0o644)
  const follower = new Follower(part)
  const writeback = new Writeback(fd)
  try {
    const ready = (upTo: number): void => {
      follower.ready(upTo)
      writeback.ready(upTo)
    }
    const size = await write({ fd, ready })
    ftruncateSync(fd, size)
    const hashed = follower.end(size)
    await sync(part)
    return { size, hex: (await hashed) ?? (await hashOf(part, size, hasher)) }
  } finally {
    await follower.stop()
    await writeback.idle()
    closeSync(fd)
  }
}

/** For where it could not be followed. */
async function hashOf(part: string, size: number, hasher: Hasher): Promise<string> {
  const source = { path: part, offset: 0, size }
  return (await hasher.run({ source, algorithm: 'sha256' })).hex
}

async function sync(part: string): Promise<void> {
  const file = await open(part, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Has the system write behind the work; the sync at the end reports what fails. */
class Writeback {
  private begun = 0
  private running: Promise<void> | undefined

  constructor(private readonly fd: number) {}

  ready(upTo: number): void {
    if (this.running || upTo - this.begun < WRITEBACK_BYTES) return
    this.begun = upTo
    this.running = new Promise((resolve) => {
      fdatasync(this.fd, () => {
        this.running = undefined
        resolve()
      })
    })
  }

  /** Until then the file must stay open. */
  async idle(): Promise<void> {
    await this.running
  }
}

async function findMade(store: Store, identity: string): Promise<MadeLayer | undefined> {
  const { places } = store
  for (const entry of await store.entries()) {
    if (!isManifestType(entry.mediaType)) continue
    const manifest = await readManifest(places.blob(entry.digest), entry.mediaType)
    const descriptor = manifest?.layers[0]
    if (!manifest || !descriptor || manifest.annotations?.[ANNOTATIONS.madeOf] !== identity) continue
    const config = await readFile(places.blob(manifest.config.digest)).then(parseConfig, () => undefined)
    const diffId = config?.rootfs.diff_ids[0]
    if (diffId && manifest.layers.length === 1 && (await hasBlob(places, descriptor)))
      return { descriptor, diffId, path: places.blob(descriptor.digest) }
  }
  return undefined
}

/** A document that cannot be read was made by nobody whom we can trust: the layer is made again. */
async function readManifest(file: string, mediaType: string): Promise<Manifest | undefined> {
  return await readFile(file).then(
    (bytes) => parseManifest(bytes, mediaType),
    () => undefined,
  )
}
