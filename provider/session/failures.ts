import { ContainerImageError, type ErrorCode, noteDone } from '../../manifests/index.js'
import { fromFileSystem } from '../io/files/system-errors.js'

/** Which part of a request could not be done, and why. */
export interface FailedTarget {
  /** As the request names it, or as the image is called. */
  name: string
  /** Of the error that it failed with. */
  code: ErrorCode
  /** What that error says. */
  message: string
  /** What to do about it. */
  remedy: string
  /** Facts for programs. */
  details?: Record<string, unknown>
}

/** Whether a verb carries on with the rest if a part fails. */
export interface KeepGoingOptions {
  /**
   * Carry on with the rest if one image fails; the result lists what failed, and why. Default: stop at the
   * first.
   */
  keepGoing?: boolean | undefined
}

/** Gathers what fails in a run that keeps going; in any other the first failure ends it. */
export class Failures {
  readonly failed: FailedTarget[] = []

  constructor(private readonly options: KeepGoingOptions & { signal?: AbortSignal | undefined }) {}

  /**
   * @param isForCaller whether the caller has its own use for an error: it is thrown. Default: for none
   * @returns undefined if it failed and the run goes on
   */
  async attempt<T>(
    name: string,
    work: () => Promise<T>,
    isForCaller: (error: unknown) => boolean = () => false,
  ): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (isForCaller(error)) throw error
      this.add(name, error)
      return undefined
    }
  }

  /** Whether something failed, and the run was not just stopped. */
  isFailure(error: unknown): error is ContainerImageError {
    const told = fromFileSystem(error)
    return told instanceof ContainerImageError && told.code !== 'INTERRUPTED' && !this.options.signal?.aborted
  }

  /** Whether the run carries on: not after errors that are not about an image, nor if it was stopped. */
  goesOnAfter(error: unknown): error is ContainerImageError {
    return this.isFailure(error) && this.keepsGoing
  }

  get keepsGoing(): boolean {
    return this.options.keepGoing === true
  }

  /** Keeps a failure. @throws the error itself if the run does not go on after it */
  add(name: string, error: unknown): void {
    const told = fromFileSystem(error)
    if (!this.goesOnAfter(told)) throw error
    const { code, message, remedy, details } = told
    this.failed.push({ name, code, message, remedy, ...(details ? { details } : {}) })
  }
}

/** Runs a part of a verb; an error carries what the verb has done so far. */
export async function tellingDone<T>(done: () => unknown, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const told = fromFileSystem(error)
    const before = done()
    if (before !== undefined) noteDone(told, before)
    throw told
  }
}
