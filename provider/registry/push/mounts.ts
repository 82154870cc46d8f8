import type { Descriptor, Digest } from '../../../manifests/index.js'
import type { Destination } from './destination.js'
import { hasBlob } from './has-blob.js'

/** Repositories that are asked whether they have a blob; more questions would cost more than they save. */
const MOST_ASKED = 8

/** Which repositories of a registry have, or may have, a blob, so that it need not be sent a second time. */
export class Mounts {
  private readonly known = new Map<Digest, string>()
  private readonly likely = new Map<Digest, Set<string>>()

  /** A repository has this blob: it was pushed there, or found there. */
  seen(digest: Digest, repository: string): void {
    this.known.set(digest, repository)
  }

  /** A repository may have it: an image of its name has it here. */
  suppose(digest: Digest, repository: string): void {
    const repositories = this.likely.get(digest) ?? new Set()
    this.likely.set(digest, repositories.add(repository))
  }

  /**
   * Where a blob may be mounted from. A single guess is not checked: the request that begins an upload can
   * name it, and costs the same if it is wrong.
   */
  async find(
    destination: Destination,
    descriptor: Descriptor,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { repository } = destination
    const known = this.known.get(descriptor.digest)
    if (known !== undefined && known !== repository) return known
    const guesses = [...(this.likely.get(descriptor.digest) ?? [])].filter((one) => one !== repository)
    if (guesses.length < 2) return guesses[0]
    // A separate signal: this many listeners on the caller's would look like a leak.
    const own = signal && AbortSignal.any([signal])
    const answers = guesses.slice(0, MOST_ASKED).map(async (guess) => {
      // A user who may not read there cannot mount from there either.
      const has = await hasBlob({ ...destination, repository: guess }, descriptor, own).catch(() => false)
      return has ? guess : undefined
    })
    return (await Promise.all(answers)).find((found) => found !== undefined)
  }
}
