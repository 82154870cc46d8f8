import type { Seeded } from '../../test/manifests/seeded.js'

/** A parser that gets input that nobody has written. */
export interface Target {
  name: string
  /** @param folder for whatever it writes; empty, and removed afterwards */
  prepare(folder: string): Prepared | Promise<Prepared>
}

export interface Prepared {
  /** Inputs that it accepts, from which others are made. */
  seeds: Buffer[]
  /**
   * Takes an input. An error with a code of ours is an answer as good as any other; any other error is a finding,
   * including one that says that a result is not as it must be.
   */
  take(input: Buffer): unknown
  /** Changes an input if the target knows a better place for that; undefined to use the common changes. */
  change?(input: Buffer, random: Seeded): Buffer | undefined
  /** The words of the format. */
  words?: readonly string[]
  /** Milliseconds of processor time that one input may take; default: 5000. */
  patience?: number
}

/** A result that is not as it must be. */
export function broken(what: string): never {
  throw new Error(`broken: ${what}`)
}
