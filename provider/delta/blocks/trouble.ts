import type { ErrorCode, Side } from '../../../manifests/errors.js'

export interface TroubleFacts {
  side?: Side
  expected?: string
  found?: string
}

/** An error of ours in a thread, which knows the words and not the class. */
export class Trouble extends Error {
  constructor(
    readonly trouble: ErrorCode,
    message: string,
    readonly facts: TroubleFacts = {},
  ) {
    super(message)
  }
}

/** A delta that breaks its format. */
export function deltaInvalid(expected: string, found: string): Trouble {
  return new Trouble('DELTA_INVALID', 'The delta is not valid.', { side: 'source', expected, found })
}

/** Gives an error of the system the words that the main thread needs. */
export function doing<T>(what: string, side: Side, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw Object.assign(error as Error, { what, side })
  }
}
