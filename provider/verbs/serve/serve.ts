import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { ContainerImageError, INDEX_FILE, LAYOUT_FILE, MEDIA_FILE, option } from '../../../manifests/index.js'
import { imagesIn } from '../../choice/archive-images.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { toldApart } from '../../choice/told-apart.js'
import type { ImageCollection } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { closedAfter, closing } from '../../io/closing/closing.js'
import { withAskedNames } from '../../serve/asked-names.js'
import {
  DEFAULT_LISTEN,
  formatListenAddress,
  isOwnAddress,
  type ListenAddress,
  parseListenAddress,
} from '../../serve/listen-address.js'
import { type Serving, type ServingOptions, serveCollection } from '../../serve/serve-collection.js'
import type { CollectionPlace } from '../../serve/served-collection.js'
import { type Context, inContext } from '../../session/context.js'
import { openOptions } from '../../targets/open-options.js'
import { withReadable } from '../../targets/readable.js'
import { policyOfRun } from '../../trust/images/policy-of-run.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import { openTrusted } from '../../trust/taking/open-trusted.js'
import type { ServeRequest, ServeResult, ServingPlace } from './request.js'

const GRACE_MS = 10_000

/**
 * Serves images as a read-only registry (distribution-spec 1.1, "Pull" and "Content Discovery"), until the
 * signal stops it: running requests are finished first. With `whatIf` everything is opened, but nothing
 * listens.
 * @throws ADDRESS_IN_USE, PATH_NOT_FOUND, INVALID_DOCUMENT, USAGE and what opening the images throws
 */
export async function serve(request: ServeRequest = {}): Promise<ServeResult> {
  const { path: file } = request
  if (file === undefined) return await serveFrom(request)
  return await withReadable(request, [file], ([word], rest) => serveFrom({ ...rest, path: word }))
}

async function serveFrom(request: ServeRequest): Promise<ServeResult> {
  return await inContext(request, async (context) => {
    const options = servingOptions(context, request)
    const place = await placeOf(context, request)
    if (request.whatIf) {
      await (await place.open()).close()
      return { requests: 0, sentBytes: 0, failures: 0 }
    }
    const serving = await serveCollection(place, options)
    const stop = (): Promise<void> => serving.stop(request.graceMs ?? GRACE_MS)
    await closing(stop, async () => {
      warn(context, options)
      // Without either, SIGHUP ends the program, as closing a terminal should.
      if (options.accessLog !== undefined || options.tls)
        request.onReload?.(() => {
          serving.reload().catch((error: Error) => context.note(error.message))
        })
      request.onListening?.(await described(serving, options, place.path))
      if (request.signal && !request.signal.aborted) await once(request.signal, 'abort')
      else if (!request.signal) await new Promise(() => {})
    })
    const { totalRequests, bytesSent, failures } = serving.metrics
    return { requests: totalRequests, sentBytes: bytesSent, failures }
  })
}

function servingOptions(context: Context, request: ServeRequest): ServingOptions {
  const { tlsCert, tlsKey, auth, accessLog, onLogLine } = request
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new ContainerImageError('USAGE', 'A certificate and its key belong together.', {
      expected: `${option('tlsCert')} and ${option('tlsKey')}, or neither`,
      found: tlsCert === undefined ? `${option('tlsKey')} alone` : `${option('tlsCert')} alone`,
    })
  return {
    listen: parseListenAddress(request.listen ?? DEFAULT_LISTEN),
    line: onLogLine ?? (() => {}),
    note: (text) => context.note(text),
    tls: tlsCert !== undefined && tlsKey !== undefined ? { cert: tlsCert, key: tlsKey } : undefined,
    auth,
    accessLog,
  }
}

async function placeOf(context: Context, request: ServeRequest): Promise<CollectionPlace & { path: string }> {
  if (request.path === undefined) return await storePlace(context)
  const file = path.resolve(request.path)
  const options = await openOptions(context, {})
  const watched = [file, ...[INDEX_FILE, LAYOUT_FILE, MEDIA_FILE].map((name) => path.join(file, name))]
  return {
    path: file,
    watched,
    async open() {
      const { collection, admit } = await openTrusted(context, file, options)
      await admit(() => allImages(collection, request.signal)).catch(async (error) => {
        throw await closedAfter(error, collection)
      })
      for (const note of collection.notes?.() ?? []) context.note(note)
      return await judged(context, collection)
    },
  }
}

/** Serving gives away everything in it, under every name that clients can ask for. */
async function allImages(collection: ImageCollection, signal?: AbortSignal): Promise<ChosenImage[]> {
  const images = await imagesIn(collection, {}, { host: hostPlatform(), allPlatforms: true, signal })
  return withAskedNames(images, await toldApart(collection, signal), collection.label)
}

/** A store that does not exist yet is served too. */
async function storePlace(context: Context): Promise<CollectionPlace & { path: string }> {
  const store = await context.store()
  const { places } = store
  return {
    path: places.root,
    watched: [places.indexFile],
    open: async () => await judged(context, await storeLayout(store)),
  }
}

/**
 * A collection whose images are all accepted by the run's policy.
 * @throws the refusal of the first that is not
 */
async function judged(context: Context, collection: ImageCollection): Promise<ImageCollection> {
  try {
    if (!(await policyOfRun(context))) return collection
    const { signal } = context.options
    for (const image of await allImages(collection, signal))
      await withJudgedArtifacts(context, image, { latest: false, signal })
    return collection
  } catch (error) {
    throw await closedAfter(error, () => collection.close())
  }
}

/** Anyone who reaches the machine could read everything, or listen in. */
function warn(context: Context, { listen, tls, auth }: ServingOptions): void {
  if (isOwnAddress(listen.host) || (tls && auth !== undefined)) return
  const missing = [
    ...(tls ? [] : [`encryption (${option('tlsCert')}, ${option('tlsKey')})`]),
    ...(auth === undefined ? [`passwords (${option('auth')})`] : []),
  ]
  context.note(
    `Warning: ${formatListenAddress(listen)} can be reached from other machines, without ${missing.join(' and without ')}.`,
  )
}

/** Nobody elsewhere can reach `0.0.0.0`: one of the addresses that it stands for. */
function reachable(address: ListenAddress): ListenAddress {
  if (address.host !== '0.0.0.0' && address.host !== '::') return address
  const own = Object.values(networkInterfaces()).flat()
  const outward = own.find((one) => one?.family === 'IPv4' && !one.internal)
  return { ...address, host: outward?.address ?? '127.0.0.1' }
}

async function described(
  serving: Serving,
  { tls, auth }: ServingOptions,
  file: string,
): Promise<ServingPlace> {
  const { address } = serving
  const { names, example } = await serving.offers()
  return {
    url: `${tls ? 'https' : 'http'}://${formatListenAddress(address)}`,
    ...address,
    tls: tls !== undefined,
    auth: auth !== undefined,
    path: file,
    repositories: names,
    example: example === undefined ? undefined : `${formatListenAddress(reachable(address))}/${example}`,
  }
}
