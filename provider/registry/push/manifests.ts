import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  hasCode,
  isManifestType,
  MANIFEST_ACCEPT,
  parseManifest,
  show,
} from '../../../manifests/index.js'
import { type HttpAnswer, header } from '../http.js'
import { type ReceivedManifest, receiveManifest } from '../manifest-answer.js'
import { ask, askWhether, atDestination, type Destination, withFacts } from './destination.js'

const ACCEPT = { accept: MANIFEST_ACCEPT.join(', ') }

/** docker-registry 2.8 refuses layers at URLs with status 500 and no word why. */
const ALLOW_URLS =
  'Its foreign layers stay at URLs: allow their hosts at the registry; with docker-registry it is validation.manifests.urls.allow.'

function namesUrls({ mediaType }: Descriptor, bytes: Uint8Array): boolean {
  return isManifestType(mediaType) && parseManifest(bytes).layers.some(({ urls }) => (urls?.length ?? 0) > 0)
}

/**
 * Puts a manifest or an index into a repository, under its digest or a tag.
 * @returns whether the registry has entered it as a referrer of its subject (OCI-Subject)
 * @throws DIGEST_MISMATCH if the registry says that it has something else
 */
export async function putManifest(
  destination: Destination,
  descriptor: Descriptor,
  name: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<boolean> {
  const subject = `manifest ${name}`
  const answer = await ask(destination, {
    method: 'PUT',
    path: `manifests/${name}`,
    headers: { 'content-type': descriptor.mediaType, 'content-length': String(bytes.length) },
    body: bytes,
    answerTimeout: destination.client.timeouts.headers * 4,
    subject,
    signal,
  }).catch((error: unknown) => {
    if (!hasCode(error, 'REGISTRY_ERROR') || !namesUrls(descriptor, bytes)) throw error
    throw withFacts(error, { remedy: ALLOW_URLS })
  })
  await answer.body.discard()
  const told = header(answer, 'docker-content-digest')
  if (told !== undefined && told !== descriptor.digest)
    throw anotherDigest(destination, name, descriptor, told)
  return header(answer, 'oci-subject') !== undefined
}

/** The digest of what a repository has under a tag or a digest; undefined if it has nothing there. */
export async function manifestDigest(
  destination: Destination,
  name: string,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  const request = { path: `manifests/${name}`, headers: ACCEPT, subject: `manifest ${name}` }
  const answer = await askWhether(destination, { ...request, signal })
  if (!answer) return undefined
  // distribution-spec lets a registry leave it out; then only the bytes can tell.
  const told = answer === 'untold' ? undefined : header(answer, 'docker-content-digest')
  return told ?? (await getManifest(destination, name, signal))?.descriptor.digest
}

/** A manifest or index of the repository, verified; undefined if there is none of that name. */
export async function getManifest(
  destination: Destination,
  name: string,
  signal?: AbortSignal,
): Promise<ReceivedManifest | undefined> {
  const subject = `manifest ${name}`
  const answer = await ask(destination, {
    path: `manifests/${name}`,
    headers: ACCEPT,
    subject,
    wanted: [404],
    signal,
  })
  if (answer.status === 404) return await nothing(answer)
  return await atDestination(() => receiveManifest(answer, subject))
}

/**
 * Reads back what a name means now.
 * @throws DIGEST_MISMATCH
 */
export async function checkReadBack(
  destination: Destination,
  descriptor: Descriptor,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const told = await manifestDigest(destination, name, signal)
  // Some answer HEAD by saying that nothing is there although they have it.
  const found = told ?? (await getManifest(destination, name, signal))?.descriptor.digest
  if (found !== descriptor.digest) throw anotherDigest(destination, name, descriptor, found ?? 'nothing')
}

async function nothing(answer: HttpAnswer): Promise<undefined> {
  await answer.body.discard()
  return undefined
}

function anotherDigest(
  { registry, repository }: Destination,
  name: string,
  { digest }: Descriptor,
  found: string,
): ContainerImageError {
  return new ContainerImageError(
    'DIGEST_MISMATCH',
    `${registry}/${repository} does not have under ${name} what was pushed.`,
    {
      side: 'destination',
      expected: digest,
      found: found === 'nothing' ? found : show(found),
      remedy:
        'Push again; where it stays so, ask the people who run the registry: it changes what it is given.',
      details: { digest },
    },
  )
}
