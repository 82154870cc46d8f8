import { randomUUID } from 'node:crypto'
import {
  ContainerImageError,
  command,
  type Descriptor,
  type Digest,
  digestOf,
  MEDIA_TYPES,
} from '../../../manifests/index.js'
import { limited, type Said, whatItSays } from '../answer-error.js'
import type { HttpAnswer } from '../http.js'
import { isLimit } from '../retry.js'
import { atDestination, type Destination, ERROR_ANSWERS } from './destination.js'
import { hasBlob } from './has-blob.js'
import { putManifest } from './manifests.js'
import { uploadBlob } from './upload.js'

/**
 * Deletes a manifest by its digest, and with it every tag that names it.
 * @returns false if the registry has none with that digest
 * @throws REGISTRY_READ_ONLY if it does not allow deleting; UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR
 */
export async function deleteManifest(
  destination: Destination,
  digest: Digest,
  signal?: AbortSignal,
): Promise<boolean> {
  const answer = await askToDelete(destination, digest, signal)
  if (answer.status === 404) {
    await answer.body.discard()
    return false
  }
  if (answer.status >= 300) throw await deletionRefused(answer, destination, `manifest ${digest}`)
  await answer.body.discard()
  return true
}

/**
 * Removes a tag, and leaves the manifest that it names with all its other tags. For registries that cannot,
 * such as docker-registry 2.8, an empty manifest is put under the tag and then deleted by its digest: the tag
 * goes with it. That is done only if the registry can delete by digest at all.
 * @throws REGISTRY_READ_ONLY if it deletes nothing; UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR
 */
export async function deleteTag(destination: Destination, tag: string, signal?: AbortSignal): Promise<void> {
  const answer = await askToDelete(destination, tag, signal)
  if (answer.status < 300) return await answer.body.discard()
  if (!NO_TAGS.includes(answer.status)) throw await deletionRefused(answer, destination, `tag ${tag}`)
  await answer.body.discard()
  // A digest that cannot exist: a registry that can delete answers that it is not there.
  await deleteManifest(destination, digestOf(Buffer.from(randomUUID())), signal)
  await deletePlaceholder(destination, tag, signal)
}

/** What registries answer that delete by digest alone, or nothing at all. */
const NO_TAGS = [400, 404, 405, 501]

const EMPTY = Buffer.from('{}')

/** Puts a manifest of nothing under a tag, and deletes it. */
async function deletePlaceholder(
  destination: Destination,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const blob: Descriptor = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: digestOf(EMPTY),
    size: EMPTY.length,
  }
  if (!(await hasBlob(destination, blob, signal)))
    await uploadBlob(destination, { descriptor: blob, open: (from) => bytesOf(EMPTY.subarray(from)), signal })
  // A different one each time, so that no other tag can name it.
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType: 'application/vnd.containerimage.removed',
    config: blob,
    layers: [blob],
    annotations: { 'org.opencontainers.image.title': `removed ${randomUUID()}` },
  }
  const bytes = Buffer.from(JSON.stringify(document))
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), size: bytes.length }
  await putManifest(destination, descriptor, tag, bytes, signal)
  await deleteManifest(destination, descriptor.digest, signal)
}

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

async function askToDelete(
  { client, registry, repository, insecure }: Destination,
  name: string,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  return await atDestination(() =>
    client.request({
      method: 'DELETE',
      path: `manifests/${name}`,
      registry,
      repository,
      insecure,
      actions: 'pull,push,delete',
      subject: `${registry}/${repository}${name.includes(':') ? '@' : ':'}${name}`,
      accept: ERROR_ANSWERS,
      signal,
    }),
  )
}

async function deletionRefused(
  answer: HttpAnswer,
  { registry, repository }: Destination,
  subject: string,
): Promise<ContainerImageError> {
  const said = await whatItSays(answer)
  const { code, message, ...facts } = meaningOf(answer, said, `${registry}/${repository}`, registry, subject)
  return new ContainerImageError(code, said.text ? `${message} It says: ${said.text}` : message, {
    side: 'destination',
    found: `status ${answer.status}`,
    ...facts,
    details: { host: answer.url.host, status: answer.status, registryCode: said.code },
  })
}

function meaningOf(
  answer: HttpAnswer,
  said: Said,
  place: string,
  registry: string,
  subject: string,
): {
  code: 'REGISTRY_READ_ONLY' | 'UNAUTHORIZED' | 'RATE_LIMITED' | 'REGISTRY_ERROR'
  message: string
  remedy?: string
} {
  if (isLimit(answer)) return { ...limited(answer), code: 'RATE_LIMITED' }
  if (answer.status === 405 || answer.status === 501 || said.code === 'UNSUPPORTED')
    return {
      code: 'REGISTRY_READ_ONLY',
      message: `${registry} does not allow deletion, and keeps ${subject} of ${place}.`,
      remedy:
        'Have deletion allowed there (with docker-registry it is REGISTRY_STORAGE_DELETE_ENABLED=true), or delete it on the page that the registry has for it.',
    }
  if (answer.status === 401 || answer.status === 403)
    return {
      code: 'UNAUTHORIZED',
      message: `${registry} does not let you delete ${subject} of ${place}.`,
      remedy: `Log in with ${command('login', registry)} as a user who may delete there, or ask for the right.`,
    }
  return {
    code: 'REGISTRY_ERROR',
    message: `${registry} answers with status ${answer.status} and does not delete ${subject} of ${place}.`,
    remedy:
      'Ask the people who run the registry; a rule may keep the tag, or the registry may be read-only for now.',
  }
}
