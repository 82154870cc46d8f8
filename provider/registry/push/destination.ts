import { ContainerImageError, type Side } from '../../../manifests/index.js'
import type { RegistryClient, RegistryRequest } from '../client.js'
import type { HttpAnswer } from '../http.js'
import { refusal } from './refusal.js'

/** One repository of a registry that is written into. */
export interface Destination {
  client: RegistryClient
  /** host[:port] */
  registry: string
  repository: string
  /** Plain http is allowed to this registry, besides what the client allows. */
  insecure: boolean
}

/** A request to the repository; the answers in `wanted` are returned besides the good ones. */
export type DestinationRequest = Omit<
  RegistryRequest,
  'registry' | 'repository' | 'insecure' | 'accept' | 'actions'
> & { wanted?: number[] }

/** Every error answer, so that each can be put into words that fit a push. */
export const ERROR_ANSWERS: number[] = Array.from({ length: 200 }, (_, i) => 400 + i)

/**
 * Asks something of the repository, with the right to write.
 * @throws what `refusal` makes of the answer, and what the client throws, with side `destination`
 */
export async function ask(destination: Destination, request: DestinationRequest): Promise<HttpAnswer> {
  const { client, registry, repository, insecure } = destination
  const { wanted = [], ...others } = request
  const answer = await atDestination(() =>
    client.request({
      ...others,
      registry,
      repository,
      insecure,
      actions: 'pull,push',
      accept: ERROR_ANSWERS,
    }),
  )
  if (answer.status < 300 || wanted.includes(answer.status)) return answer
  throw await refusal(answer, destination, request.subject)
}

/** Answers of registries, or of proxies before them, that know no HEAD. */
const NO_HEAD = [405, 501]

/** Whether the repository has something, by a HEAD; its answer if it has, and 'untold' if HEAD is not answered. */
export async function askWhether(
  destination: Destination,
  request: Omit<DestinationRequest, 'method' | 'wanted'>,
): Promise<HttpAnswer | 'untold' | undefined> {
  const answer = await ask(destination, { ...request, method: 'HEAD', wanted: [404, ...NO_HEAD] })
  await answer.body.discard()
  if (NO_HEAD.includes(answer.status)) return 'untold'
  return answer.status === 404 ? undefined : answer
}

/** The client serves sources: what it throws is of their side, unless it says otherwise. */
export async function atDestination<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ContainerImageError) || error.side !== 'source') throw error
    throw withFacts(error, { side: 'destination' })
  }
}

/** The same error with some of its facts put right. */
export function withFacts(
  error: ContainerImageError,
  facts: { side?: Side; remedy?: string },
): ContainerImageError {
  const { side, expected, found, remedy, details, cause } = error
  return new ContainerImageError(error.code, error.message, {
    remedy,
    cause,
    side,
    expected,
    found,
    details,
    ...facts,
  })
}
