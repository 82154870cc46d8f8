import { once } from 'node:events'
import type { Interface } from 'node:readline/promises'

/** Resolves without an answer if there will be none: the terminal has ended (Ctrl-D, or it is gone). */
export async function hungUp(reader: Interface): Promise<string> {
  await once(reader, 'close')
  return ''
}
