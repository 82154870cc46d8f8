import { stat } from 'node:fs/promises'
import type { Descriptor } from '../../manifests/index.js'
import { closeAll, closedAfter } from '../io/closing/closing.js'
import { Hasher } from '../io/hashing/hasher.js'
import { AccessLog } from './access-log.js'
import { Authorization } from './authorization.js'
import { ChunkCache } from './chunk-cache.js'
import { Documents } from './documents.js'
import { Htpasswd } from './htpasswd.js'
import { HttpServer, type TlsFiles } from './http-server.js'
import type { ListenAddress } from './listen-address.js'
import { Metrics } from './metrics.js'
import { identityOf, OpenFiles } from './open-files.js'
import { Passwords } from './passwords.js'
import { RegistryServer } from './registry-server.js'
import { byCodeUnits, type Repositories } from './repositories.js'
import { type CollectionPlace, ServedCollection } from './served-collection.js'
import { StreamedBlobs } from './streamed-blobs.js'
import { type Verdict, Verifications } from './verifications.js'

export interface ServingOptions {
  listen: ListenAddress
  tls?: TlsFiles
  /** An htpasswd file; everybody may read where it is left out. */
  auth?: string
  /** The file of the access log; its lines go to `line` where it is left out. */
  accessLog?: string
  line(text: string): void
  /** Called with what is wrong here, in words for the administrator. */
  note(text: string): void
}

export interface Offers {
  names: string[]
  example?: string
}

/** A registry that is listening. */
export interface Serving {
  address: ListenAddress
  metrics: Metrics
  /** The names of the repositories, now, and `name:tag` of one image. */
  offers(): Promise<Offers>
  /** Opens the log again, and reads certificate and key again. */
  reload(): Promise<void>
  /** Ends: running requests have this many milliseconds left. */
  stop(graceMs: number): Promise<void>
}

/**
 * Serves a collection as a read-only registry.
 * @throws ADDRESS_IN_USE, PATH_NOT_FOUND, INVALID_DOCUMENT, USAGE and what opening the collection throws
 */
export async function serveCollection(place: CollectionPlace, options: ServingOptions): Promise<Serving> {
  const { note } = options
  const metrics = new Metrics()
  const failed = (error: unknown): void => note((error as Error).message)
  const stop = new AbortController()
  const hasher = new Hasher()
  const cache = new ChunkCache()
  const files = new OpenFiles((file) => cache.forget(file))
  const documents = new Documents()
  const told = new Set<string>()
  /** Reported once for each document, not for each request that comes across it. */
  const damaged = ({ digest }: Descriptor, error: unknown): void => {
    if (told.has(digest)) return
    told.add(digest)
    failed(error)
  }
  const verified = (_: Descriptor, verdict: Verdict): void => {
    if (verdict.state === 'right') metrics.verifiedRight++
    else metrics.verifiedWrong++
  }
  const log = new AccessLog(options.accessLog, options.line, () => metrics.logLinesDropped++, failed)
  const passwords = new Passwords()
  const htpasswd = options.auth === undefined ? undefined : new Htpasswd(options.auth, failed)
  const collection = new ServedCollection(place, documents, damaged, failed)
  const registry = new RegistryServer({
    collection,
    documents,
    metrics,
    log,
    failed,
    files,
    cache,
    authorization: htpasswd && new Authorization(htpasswd, passwords),
    verifications: new Verifications(hasher, identityNow, verified, stop.signal),
    streamed: new StreamedBlobs(stop.signal),
  })
  const close = async (): Promise<void> => {
    stop.abort()
    files.closeAll()
    await closeAll([hasher, passwords, log, collection])
  }
  try {
    await htpasswd?.start()
    await log.start()
    // Anything that cannot be opened is reported now, not to the first client.
    await offersIn(collection)
    const server = await HttpServer.make({
      handle: registry.handle,
      connections: (change) => {
        metrics.connections += change
      },
      tls: options.tls,
    })
    const address = await server.listen(options.listen)
    return {
      address,
      metrics,
      offers: () => offersIn(collection),
      async reload() {
        log.reopen()
        await server.renew()
      },
      async stop(graceMs) {
        registry.stopping()
        await closeAll([() => server.stop(graceMs), close])
      },
    }
  } catch (error) {
    throw await closedAfter(error, close)
  }
}

async function offersIn(collection: ServedCollection): Promise<Offers> {
  const view = await collection.view()
  try {
    const example = exampleOf(view.repositories)
    return { names: view.repositories.names(), example }
  } finally {
    await view.release()
  }
}

/** Of the first image: its tag that says most. */
function exampleOf(repositories: Repositories): string | undefined {
  for (const name of repositories.names()) {
    const tags = [...repositories.resolve(name).tags.keys()].sort(byCodeUnits)
    const tag = tags.filter((one) => one !== 'latest' && !one.startsWith('sha256-')).at(-1) ?? tags[0]
    if (tag !== undefined) return `${name}:${tag}`
  }
  return undefined
}

async function identityNow(path: string): Promise<string | undefined> {
  return await stat(path, { bigint: true }).then(
    (stats) => identityOf(path, stats),
    () => undefined,
  )
}
