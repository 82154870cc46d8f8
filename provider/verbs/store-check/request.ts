import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface StoreCheckRequest extends CommonOptions, NetworkOptions {
  /** Restore what is damaged or missing, and remove what killed runs left; default: only report it. */
  repair?: boolean | undefined
  /**
   * Where to get blobs from: archives, media, sets of volumes, folders and other stores by their paths;
   * references to repositories of registries; engines (`docker:`); registered sources by their names. They
   * are tried in this order, and after them, in a repair, the registries that the images came from.
   */
  from?: string[] | undefined
}

/** One thing that is wrong with the store. */
export interface StoreProblem {
  /** One of the codes of docs/errors.md. */
  code: string
  /** The file that is wrong or is not there. */
  path: string
  /** Of a blob. */
  digest?: Digest
  /** Of a blob: how many bytes it has to have. */
  size?: number
  /** What should be there. */
  expected: string
  /** What is there. */
  found: string
  /** One sentence for the reader. */
  message: string
  /** Of a blob: the names of the images that need it, or their digests where they have none; empty for what none needs. */
  neededBy: string[]
  /** For a blob: which of the places examined have it; the first is used. */
  from: string[]
  /** Whether it was repaired; with `whatIf` whether it would be tried. */
  repaired: boolean
}

/** Something left by a run that was stopped or killed. */
export interface StoreLeftover {
  /** Where it is. */
  path: string
  /**
   * Part of a blob or of a set of volumes, from which the next run continues; something that no run can use;
   * or something unknown.
   */
  kind: 'part' | 'useless' | 'unknown'
  /** In bytes; of a folder 0. */
  bytes: number
  /** Whether it was removed; with `whatIf` whether it would be. */
  removed: boolean
}

export interface StoreCheckResult {
  /** Whether nothing is wrong, or nothing is any more. */
  ok: boolean
  /** How many blobs were read. */
  blobs: number
  /** Their size in bytes. */
  bytes: number
  /** Everything that is wrong, including what was repaired. */
  problems: StoreProblem[]
  /** What stopped runs left behind, which is no problem. */
  leftovers: StoreLeftover[]
  /** Bytes that were copied from elsewhere. */
  broughtBytes: number
  /** Lines for the reader: what was set aside, and what else can be done. */
  notes: string[]
}
