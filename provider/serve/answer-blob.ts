import type { Descriptor, Digest } from '../../manifests/index.js'
import type { FileRange } from '../io/bytes.js'
import { answeredUnchanged, digestHeaders, type Exchange } from './answer.js'
import { type ByteRange, byteRangeOf } from './byte-range.js'
import { CHUNK_BYTES, type ChunkCache } from './chunk-cache.js'
import type { OpenFiles } from './open-files.js'
import { isMissing, Refusal } from './refusal.js'
import type { Repository } from './repositories.js'
import type { View } from './served-collection.js'
import type { StreamedBlobs } from './streamed-blobs.js'
import { Transfer } from './transfer.js'
import type { Verdict, Verifications } from './verifications.js'

/** What blobs are answered with. */
export interface BlobRooms {
  files: OpenFiles
  cache: ChunkCache
  verifications: Verifications
  streamed: StreamedBlobs
}

const TYPE = 'application/octet-stream'

/** distribution-spec, "Pulling blobs" and "Checking if content exists in the registry". */
export async function answerBlob(
  exchange: Exchange,
  view: View,
  rooms: BlobRooms,
  repository: Repository,
  digest: Digest,
): Promise<void> {
  const descriptor = await view.find(repository, digest)
  if (!descriptor) throw unknownBlob(repository, digest)
  if (answeredUnchanged(exchange, digest)) return
  const range = await located(view, descriptor)
  if (range === 'missing') throw unknownBlob(repository, digest)
  if (range) await answerFromFile(exchange, rooms, descriptor, range)
  else await answerFromStream(exchange, view, rooms, descriptor)
}

/** A layer that is left to other hosts, or that this collection does not hold, is not here. */
async function located(view: View, descriptor: Descriptor): Promise<FileRange | 'missing' | undefined> {
  const { collection } = view
  try {
    return await collection.locate?.(descriptor)
  } catch (error) {
    if (isMissing(error)) return 'missing'
    throw error
  }
}

function unknownBlob({ name }: Repository, digest: Digest): Refusal {
  return new Refusal(404, 'BLOB_UNKNOWN', `${name} has no blob ${digest}.`)
}

async function answerFromFile(
  exchange: Exchange,
  { files, cache, verifications }: BlobRooms,
  descriptor: Descriptor,
  range: FileRange,
): Promise<void> {
  const file = await files.acquire(range.path).catch((error) => {
    throw isMissing(error) ? new Refusal(404, 'BLOB_UNKNOWN', `${descriptor.digest} is gone.`) : error
  })
  try {
    if (exchange.isHead) {
      // Clients ask about many blobs at once whether they are there: nothing is hashed for that.
      const known = verifications.known(descriptor, range, file)
      if (known) refuseDamaged(known)
      answerHead(exchange, descriptor)
      return
    }
    let verdict = verifications.of(descriptor, range, file)
    const wanted = wantedOf(exchange, descriptor)
    // A blob that fits into one piece would wait for the verdict anyway, and this way it can still become an
    // error.
    if (verdict.state === 'open' && wanted.end - wanted.start <= CHUNK_BYTES) verdict = await verdict.done
    refuseDamaged(verdict)
    begin(exchange, descriptor, wanted)
    const passage = { file, start: range.offset + wanted.start, end: range.offset + wanted.end }
    const transfer = new Transfer(cache, exchange.response, passage, verdict)
    try {
      await transfer.run()
    } finally {
      exchange.sent = transfer.sent
    }
  } finally {
    files.release(file)
  }
}

/** What is compressed in its archive, and can only be read from its beginning. */
async function answerFromStream(
  exchange: Exchange,
  { collection }: View,
  { streamed }: BlobRooms,
  descriptor: Descriptor,
): Promise<void> {
  if (exchange.isHead) {
    answerHead(exchange, descriptor)
    return
  }
  const wanted = wantedOf(exchange, descriptor)
  if (wanted.isPart) await streamed.verify(collection, descriptor)
  begin(exchange, descriptor, wanted)
  await streamed.send(collection, descriptor, wanted, exchange)
}

function refuseDamaged(verdict: Verdict): void {
  if (verdict.state === 'wrong') throw verdict.error
}

function answerHead(exchange: Exchange, { digest, size }: Descriptor): void {
  exchange.response.writeHead(200, { ...blobHeaders(digest), 'Content-Length': size })
  exchange.response.end()
}

function blobHeaders(digest: Digest): Record<string, string> {
  return { ...digestHeaders(digest), 'Content-Type': TYPE, 'Accept-Ranges': 'bytes' }
}

/** Which bytes go out, and whether they are not all of them. */
type Wanted = ByteRange & { isPart: boolean }

/** @throws Refusal where the range begins behind the end */
function wantedOf({ request }: Exchange, { digest, size }: Descriptor): Wanted {
  const condition = request.headers['if-range']
  const isSame = condition === undefined || condition === `"${digest}"`
  const range = byteRangeOf(isSame ? request.headers.range : undefined, size)
  if (range === 'unsatisfiable')
    throw new Refusal(416, 'UNSUPPORTED', `The blob has ${size} bytes.`, {
      'Content-Range': `bytes */${size}`,
    })
  return range ? { ...range, isPart: true } : { start: 0, end: size, isPart: false }
}

function begin({ response }: Exchange, { digest, size }: Descriptor, { start, end, isPart }: Wanted): void {
  response.writeHead(isPart ? 206 : 200, {
    ...blobHeaders(digest),
    'Content-Length': end - start,
    ...(isPart ? { 'Content-Range': `bytes ${start}-${end - 1}/${size}` } : {}),
  })
}
