import { ContainerImageError, type Descriptor, show } from '../../../manifests/index.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import { isLoopbackHost } from '../addresses.js'
import { type HttpAnswer, type HttpRequest, header } from '../http.js'
import { ask, atDestination, type Destination, ERROR_ANSWERS } from './destination.js'
import { refusal } from './refusal.js'

/** An upload that a registry has begun (distribution-spec, "Pushing blobs"). */
export interface UploadSession {
  /** Where it goes on; each answer may name another place. */
  url: URL
  /** The registry's own origin. */
  origin: URL
  /** In bytes: only the last piece may be smaller (OCI-Chunk-Min-Length). */
  leastPiece: number
}

/** Answers to a mount that only mean that this one is not available. */
const NO_MOUNT = [400, 401, 403, 404, 405]

/**
 * Begins an upload, or takes the blob from another repository of the registry; undefined if that was done. A registry
 * that cannot mount begins an upload instead, so that trying costs nothing.
 */
export async function beginUpload(
  destination: Destination,
  { digest }: Descriptor,
  { mountFrom, signal }: { mountFrom?: string | undefined; signal?: AbortSignal | undefined },
): Promise<UploadSession | undefined> {
  const from = mountFrom === undefined ? '' : `?mount=${digest}&from=${percentEncoded(mountFrom)}`
  const answer = await ask(destination, {
    method: 'POST',
    path: `blobs/uploads/${from}`,
    subject: `blob ${digest}`,
    ...(mountFrom === undefined ? {} : { mountFrom, wanted: NO_MOUNT }),
    signal,
  })
  await answer.body.discard()
  if (mountFrom !== undefined && answer.status >= 400)
    return await beginUpload(destination, { digest, mediaType: '', size: 0 }, { signal })
  if (mountFrom !== undefined && answer.status === 201) return undefined
  const origin = new URL(answer.url.origin)
  return { origin, url: placeIn(answer, origin), leastPiece: leastPieceOf(answer) }
}

export interface SessionRequest {
  method: 'PUT' | 'PATCH' | 'GET' | 'DELETE'
  /** Ends the upload as the blob of this digest. */
  digest?: string
  headers?: Record<string, string>
  body?: HttpRequest['body']
  answerTimeout?: number
  subject: string
  signal?: AbortSignal | undefined
}

/**
 * One request to where the upload goes on; its answer, whatever it is. A place on another host gets no credentials
 * (the class of oras-go CVE-2026-50151), and is held to the rules for redirects.
 */
export async function askSession(
  destination: Destination,
  session: UploadSession,
  request: SessionRequest,
): Promise<HttpAnswer> {
  const { digest, signal, ...others } = request
  const url = digest === undefined ? session.url : withDigest(session.url, digest)
  const { client, registry, repository, insecure } = destination
  const asked = { ...others, url, once: true, accept: ERROR_ANSWERS, signal }
  const answer = await atDestination(() =>
    url.origin === session.origin.origin
      ? client.request({ ...asked, registry, repository, insecure, path: '', actions: 'pull,push' })
      : client.fetchFile({
          ...asked,
          insecure,
          allow: (target) => checkElsewhere(target, session, insecure || client.options.insecure === true),
          reach: client.reachFrom(session.origin),
        }),
  )
  if (answer.status < 300 && header(answer, 'location') !== undefined && answer.status !== 201)
    session.url = placeIn(answer, session.origin)
  return answer
}

/**
 * How many bytes the registry has, asked after a connection broke (distribution-spec, "Get upload status");
 * undefined if it has given the upload up.
 */
export async function receivedBytes(
  destination: Destination,
  session: UploadSession,
  subject: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const answer = await askSession(destination, session, { method: 'GET', subject, signal })
  await answer.body.discard()
  return answer.status === 204 ? lastOf(answer) : undefined
}

/** The end of `Range: 0-N`; docker-registry says `0-0` if it has nothing. */
function lastOf(answer: HttpAnswer): number | undefined {
  const last = /^(?:bytes=)?0-([0-9]{1,15})$/.exec(header(answer, 'range')?.trim() ?? '')?.[1]
  if (last === undefined) return undefined
  return Number(last) === 0 ? 0 : Number(last) + 1
}

/** @throws what `refusal` makes of an answer that does not take what was sent */
export async function mustBeTaken(
  answer: HttpAnswer,
  destination: Destination,
  subject: string,
): Promise<void> {
  if (answer.status >= 300) throw await refusal(answer, destination, subject)
  await answer.body.discard()
}

function placeIn(answer: HttpAnswer, origin: URL): URL {
  const location = header(answer, 'location')
  if (!location || !URL.canParse(location, answer.url.href))
    throw new ContainerImageError('REGISTRY_ERROR', `${answer.url.host} does not begin an upload.`, {
      side: 'destination',
      expected: 'status 202 with a URL in Location',
      found: `status ${answer.status}, ${location ? show(location) : 'no Location'}`,
    })
  const url = new URL(location, answer.url.href)
  // A registry behind a proxy that ends TLS often does not know that it is reached by https.
  if (url.host === origin.host) url.protocol = origin.protocol
  return url
}

/** Not by searchParams, which would rewrite what the registry has written into its query. */
function withDigest(url: URL, digest: string): URL {
  const whole = new URL(url)
  whole.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${percentEncoded(digest)}`
  return whole
}

function leastPieceOf(answer: HttpAnswer): number {
  const value = header(answer, 'oci-chunk-min-length') ?? ''
  return /^[0-9]{1,15}$/.test(value) ? Number(value) : 0
}

function checkElsewhere(url: URL, { origin }: UploadSession, insecure: boolean): void {
  const isPlain = url.protocol === 'http:'
  const mayBePlain = origin.protocol === 'http:' && (insecure || isLoopbackHost(url.hostname))
  const why =
    url.username || url.password
      ? 'its place holds credentials'
      : url.protocol === 'https:' || (isPlain && mayBePlain)
        ? undefined
        : 'it would leave https'
  if (why === undefined) return
  throw new ContainerImageError('REDIRECT_REFUSED', `An upload to ${origin.host} is not sent on: ${why}.`, {
    side: 'destination',
    expected: 'https, without credentials in the URL',
    found: show(`${url.protocol}//${url.host}`),
  })
}
