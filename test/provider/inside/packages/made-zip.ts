import { zipOf } from '../../../security/zip-builder.js'

/** A zip of these members, compressed, in memory. */
export function madeZip(members: Record<string, string | Buffer>): Buffer {
  return zipOf(
    Object.entries(members).map(([name, content]) => ({ name, bytes: Buffer.from(content), deflate: true })),
  )
}
