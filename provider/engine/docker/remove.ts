import {
  ContainerImageError,
  command,
  type Digest,
  engineNameOf,
  isDigest,
  option,
  show,
} from '../../../manifests/index.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { EngineRemoval } from '../port/engine.js'
import type { DockerClient } from './client.js'
import { inspectImage } from './images.js'

/** @throws NOT_FOUND, IN_USE, ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function removeImage(
  client: DockerClient,
  name: string,
  { force = false, signal }: { force?: boolean; signal?: AbortSignal } = {},
): Promise<EngineRemoval> {
  const image = await inspectImage(client, name, signal)
  if (!image) throw notFound(client, name)
  if (!force) await refuseUsed(client, name, image.id, signal)
  const path = `/images/${percentEncoded(name)}`
  const query = { force: force ? '1' : undefined }
  const answer = await client.ask('DELETE', path, { query, signal, accept: [404, 409] })
  if (answer.status === 404) throw notFound(client, name)
  if (answer.status === 409) throw inUse(client, name, saidIn(answer.body))
  const steps = JSON.parse(answer.body) as { Untagged?: string; Deleted?: string }[]
  const untagged = steps.flatMap(({ Untagged }) => (Untagged && !Untagged.includes('@') ? [Untagged] : []))
  return {
    untagged: untagged.map(engineNameOf),
    // If an image that another was committed from has already lost its own name, it goes with that one.
    removed: steps.map(({ Deleted }) => Deleted).filter(isDigest),
  }
}

/** Checked first, so that an image with several names is not left with only some of them. */
async function refuseUsed(
  client: DockerClient,
  name: string,
  id: Digest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const filters = JSON.stringify({ ancestor: [id] })
  const containers = (await client.json('GET', '/containers/json', {
    query: { all: '1', filters },
    signal,
  })) as { Names?: string[]; ImageID?: string }[]
  const users = containers.filter((one) => one.ImageID === id).flatMap(({ Names = [] }) => Names)
  if (users.length === 0) return
  const words = users.map((one) => one.replace(/^\//, '')).join(', ')
  throw inUse(client, name, words, users)
}

function saidIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message)
  } catch {
    return body
  }
}

function inUse(
  client: DockerClient,
  name: string,
  found: string,
  containers?: string[],
): ContainerImageError {
  return new ContainerImageError('IN_USE', `${client.label}: containers use ${show(name)}.`, {
    side: 'destination',
    expected: 'an image that no container needs',
    found,
    remedy: `Remove the containers first with \`docker rm\`, or use ${option('force')}.`,
    details: containers && { containers },
  })
}

function notFound(client: DockerClient, name: string): ContainerImageError {
  return noSuchImage(client.label, name, {
    side: 'destination',
    remedy: `See ${command('get', option('engine'), 'docker')}.`,
  })
}
