import type { Seeded } from '../../test/manifests/seeded.js'

/** A parser that is given what nobody has written. */
export interface Target {
  name: string
  /** @param folder for whatever it writes; empty, and removed afterwards */
  prepare(folder: string): Prepared | Promise<Prepared>
}

export interface Prepared {
  /** Inputs that it takes, from which others are made. */
  seeds: Buffer[]
  /**
   * Takes an input. An error with a code of ours is an answer as good as any other; any other error is a finding, also
   * one that says that a result is not as it must be.
   */
  take(input: Buffer): unknown
  /** Changes an input where it knows better where to; undefined for the common changes. */
  change?(input: Buffer, random: Seeded): Buffer | undefined
  /** What the format says in words. */
  words?: readonly string[]
  /** Milliseconds of processor time that one input may take; default: 5000. */
  patience?: number
}

/** A result that is not as it must be. */
export function broken(what: string): never {
  throw new Error(`broken: ${what}`)
}
