import type { DeltaBase } from '../../../manifests/index.js'
import type { FailedTarget, KeepGoingOptions } from '../../session/failures.js'
import type {
  CommonOptions,
  NetworkOptions,
  ReferrersOptions,
  SignatureOptions,
} from '../../session/options.js'
import type { SetChange } from '../../sets/changes.js'

export interface SetRequest extends CommonOptions, NetworkOptions, ReferrersOptions, KeepGoingOptions {
  /** The file of the set. */
  path: string
}

export interface SetOutdatedRequest extends SetRequest, SignatureOptions {
  /** Inventories, receipts, archives or media to compare with; default: the lock. */
  base?: string[] | undefined
}

export interface SetOutdatedResult {
  /** What was compared, each on its own: the lock, or the bases. */
  compared: {
    /** The lock, or a base. */
    with: Pick<DeltaBase, 'kind' | 'name'>
    /** What the set means now but it lacks; for the lock, also what the set no longer includes. */
    changes: SetChange[]
  }[]
  /** How many images the set means now. */
  images: number
  /** With `keepGoing`: which images of the set could not be found, and why. */
  failed?: FailedTarget[]
}

export interface SetUpdateResult {
  /** The file. */
  lock: string
  /** Whether it was written: not if it says the same already, nor with `whatIf`. */
  written: boolean
  /** How many images it has now. */
  images: number
  /** What it has now that it did not have before, and what it had instead. */
  changes: SetChange[]
}
