import type { ErrorCode, Side } from '../../../manifests/errors.js'

export interface TroubleFacts {
  side?: Side | undefined
  expected?: string | undefined
  found?: string | undefined
}

/** An error of ours in a thread, which has the name and the facts and not the class. */
export class Trouble extends Error implements TroubleFacts {
  override readonly name = 'ContainerImageError'
  readonly side: Side | undefined
  readonly expected: string | undefined
  readonly found: string | undefined

  constructor(
    readonly code: ErrorCode,
    message: string,
    { side, expected, found }: TroubleFacts = {},
  ) {
    super(message)
    this.side = side
    this.expected = expected
    this.found = found
  }
}
