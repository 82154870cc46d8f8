import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { zipOf as zip } from '../../../security/zip-builder.js'

/** Writes files below a folder; what is neither text nor bytes is written as JSON. */
export async function writeFiles(folder: string, files: Record<string, unknown>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, ...name.split('/'))
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, bytesOf(content))
  }
}

function bytesOf(content: unknown): string | Uint8Array {
  return typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content)
}

/** A zip of such files, as osv.dev publishes them. @param claim another size than a member has */
export function zipOf(files: Record<string, unknown>, claim?: number): Buffer {
  const size = claim === undefined ? {} : { size: claim }
  return zip(
    Object.entries(files).map(([name, content]) => ({
      name,
      bytes: Buffer.from(bytesOf(content)),
      deflate: true,
      ...size,
    })),
  )
}
