import { ContainerImageError, type Descriptor } from '../../manifests/index.js'
import { verifiedRange } from '../copy/verified-range.js'
import type { FileRange } from '../io/bytes.js'
import type { Hasher } from '../io/hashing/hasher.js'
import type { OpenFile } from './open-files.js'

/** What is known of the bytes of a blob: that they are right, that they are not, or that they are being hashed. */
export type Verdict =
  | { state: 'right' }
  | { state: 'wrong'; error: Error }
  | { state: 'open'; done: Promise<Verdict> }

/** No server on a host needs to remember more blobs than this. */
const MOST_REMEMBERED = 100_000

/**
 * Hashes each blob once, on other threads, and remembers the outcome for as long as its file is the same.
 * Requests that come meanwhile wait for the same hash.
 */
export class Verifications {
  private readonly verdicts = new Map<string, Verdict>()

  /**
   * @param hasher of which no result is believed for bytes that changed while it read them
   * @param ended told once for each blob that was hashed
   */
  constructor(
    private readonly hasher: Hasher,
    private readonly identityNow: (path: string) => Promise<string | undefined>,
    private readonly ended: (descriptor: Descriptor, verdict: Verdict) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** The verdict over a range of a file that is to be this blob; the hashing begins where it has not. */
  of(descriptor: Descriptor, range: FileRange, file: OpenFile): Verdict {
    const key = keyOf(descriptor, range, file)
    const known = this.verdicts.get(key)
    if (known) return known
    const verdict: Verdict = { state: 'open', done: this.settle(key, descriptor, range, file) }
    this.remember(key, verdict)
    return verdict
  }

  /** What is known already, without beginning anything. */
  known(descriptor: Descriptor, range: FileRange, file: OpenFile): Verdict | undefined {
    return this.verdicts.get(keyOf(descriptor, range, file))
  }

  private async settle(
    key: string,
    descriptor: Descriptor,
    range: FileRange,
    file: OpenFile,
  ): Promise<Verdict> {
    try {
      await this.check(descriptor, range, file)
      return this.conclude(key, descriptor, { state: 'right' })
    } catch (error) {
      // Only what is certain is remembered: a disk that did not answer may answer the next time.
      const isCertain = error instanceof ContainerImageError && /MISMATCH|ARCHIVE_INVALID/.test(error.code)
      const verdict = this.conclude(key, descriptor, { state: 'wrong', error: error as Error })
      if (!isCertain) this.verdicts.delete(key)
      return verdict
    }
  }

  private async check(descriptor: Descriptor, range: FileRange, file: OpenFile): Promise<void> {
    const options = { label: range.path, signal: this.signal }
    const problem = await verifiedRange(this.hasher, range, descriptor, options).then(
      () => undefined,
      (error) => error,
    )
    if ((await this.identityNow(range.path)) !== file.identity)
      throw new ContainerImageError('CHANGED_MEANWHILE', `${range.path} changed while it was read.`, {
        side: 'source',
      })
    if (problem !== undefined) throw problem
  }

  private conclude(key: string, descriptor: Descriptor, verdict: Verdict): Verdict {
    this.remember(key, verdict)
    this.ended(descriptor, verdict)
    return verdict
  }

  private remember(key: string, verdict: Verdict): void {
    this.verdicts.delete(key)
    this.verdicts.set(key, verdict)
    if (this.verdicts.size <= MOST_REMEMBERED) return
    for (const oldest of this.verdicts.keys()) {
      this.verdicts.delete(oldest)
      return
    }
  }
}

function keyOf(descriptor: Descriptor, range: FileRange, file: OpenFile): string {
  return `${descriptor.digest} ${descriptor.size} ${range.offset} ${file.identity}`
}
