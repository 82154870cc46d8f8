import { Trouble } from '../../io/threads/trouble.js'

/** A delta that breaks its format. */
export function deltaInvalid(expected: string, found: string): Trouble {
  return new Trouble('DELTA_INVALID', 'The delta is not valid.', { side: 'source', expected, found })
}
