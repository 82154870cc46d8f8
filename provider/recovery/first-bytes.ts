import { createHash } from 'node:crypto'
import { openToRead } from '../io/files/read-document.js'
import { FIRST_BYTES } from './file-packets.js'

/** The MD5 of the first 16 KiB of a file, or of all of a smaller one, in hex. */
export async function firstMd5(path: string): Promise<string> {
  const file = await openToRead(path)
  try {
    const bytes = Buffer.alloc(FIRST_BYTES)
    let done = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, done)
      done += bytesRead
      if (bytesRead === 0 || done === bytes.length) break
    }
    return createHash('md5').update(bytes.subarray(0, done)).digest('hex')
  } finally {
    await file.close()
  }
}
