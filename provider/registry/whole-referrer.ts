import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  isIndexType,
  mayReferTo,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import { planCopy } from '../copy/plan.js'
import type { ImageSource } from '../copy/ports.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { bodyLength } from './http.js'
import type { ReceivedManifest } from './manifest-answer.js'

/** The repository whose referrers are looked for. */
export interface ReferrersRepository {
  label: string
  /** For manifests. */
  accept: string
  base(signal?: AbortSignal): Pick<RegistryRequest, 'registry' | 'repository' | 'insecure' | 'signal'>
  /** A manifest by tag or digest, which is kept for whoever reads it later. */
  fetch(name: string, signal?: AbortSignal): Promise<ReceivedManifest>
  /** Reads the documents of what is there, without much patience. */
  documents: Pick<ImageSource, 'label' | 'concurrency' | 'resolve' | 'read' | 'close'>
}

/**
 * A referrer, if all of it can be fetched; undefined if it is not a referrer. Its documents are read and its
 * blobs checked for, so that none of them can stop the copy of the image later. Registries list wrong sizes;
 * the digest decides.
 * @param subject what it is to refer to, if it was found in a list
 * @throws whatever keeps it from being had
 */
export async function wholeReferrer(
  client: RegistryClient,
  repository: ReferrersRepository,
  found: Descriptor,
  signal?: AbortSignal,
  subject?: Digest,
): Promise<Descriptor | undefined> {
  const { descriptor, bytes } = await repository.fetch(found.digest, signal)
  const { mediaType, size } = descriptor
  const whole: Descriptor = { ...found, mediaType, size }
  if (subject !== undefined && !documentMayReferTo(subject, mediaType, bytes)) return undefined
  const image = { root: whole, names: [], annotations: {} }
  const plan = await planCopy(repository.documents, [image], { signal })
  for (const blob of plan.contents)
    if (!plan.documents.has(blob.digest)) await askForBlob(client, repository, blob, signal)
  return whole
}

/** Also for an index, which says itself what it is about. */
function documentMayReferTo(subject: Digest, mediaType: string, bytes: Uint8Array): boolean {
  if (isIndexType(mediaType)) return parseIndex(bytes, mediaType).subject?.digest === subject
  return mayReferTo(subject, parseManifest(bytes, mediaType))
}

async function askForBlob(
  client: RegistryClient,
  { base, label }: ReferrersRepository,
  { digest, size }: Descriptor,
  signal?: AbortSignal,
): Promise<void> {
  const subject = `blob ${digest} of ${label}`
  const request = { ...base(signal), path: `blobs/${digest}`, subject, brief: true, accept: [405] }
  const answer = await client.request({ ...request, method: 'HEAD' })
  await answer.body.discard()
  const told = answer.status === 200 ? bodyLength(answer) : undefined
  if (told === undefined || told === size) return
  throw new ContainerImageError('SIZE_MISMATCH', `The registry's ${subject} has another size.`, {
    side: 'source',
    expected: `${size} bytes`,
    found: `${told} bytes`,
  })
}
