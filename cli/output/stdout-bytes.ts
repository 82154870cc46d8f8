import { usage } from '../command/usage.js'
import type { Out } from './streams.js'
import { unwritten } from './unwritten.js'

/**
 * Writes a file to stdout, no faster than it is read. Here it is an error if the reader goes away, as it has
 * no complete archive then.
 * @throws USAGE if stdout is a terminal; NO_SPACE or CANNOT_MAKE if it accepts no more
 */
export function bytesTo(stdout: Out): (bytes: AsyncIterable<Uint8Array>) => Promise<void> {
  if (stdout.isTTY)
    throw usage(
      'An archive is not written to a terminal.',
      ['save'],
      'Redirect it: `... --path - > FILE`, or `... --path - | PROGRAM`.',
    )
  return async (bytes) => {
    for await (const chunk of bytes) await written(stdout, chunk)
  }
}

async function written(stdout: Out, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    // The next chunk may come in the same memory.
    stdout.write(Buffer.from(chunk), (error) => (error ? reject(unwritten(error)) : resolve())),
  )
}
