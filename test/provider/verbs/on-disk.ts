import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { digestOf } from '../../../manifests/index.js'

/** Every file below a folder: its path there, and the digest of its bytes. */
export function filesIn(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name)
    if (statSync(file).isFile()) found[name] = digestOf(readFileSync(file))
  }
  return found
}

/** The digests of the blobs that a layout has. */
export function blobsIn(folder: string): string[] {
  return readdirSync(path.join(folder, 'blobs', 'sha256')).map((hex) => `sha256:${hex}`)
}

/** Bytes that each blob of a layout has. */
export function blobSizes(folder: string): number[] {
  const blobs = path.join(folder, 'blobs', 'sha256')
  return readdirSync(blobs).map((hex) => statSync(path.join(blobs, hex)).size)
}

/** Bytes that all blobs of a layout have together. */
export function blobBytes(folder: string): number {
  return blobSizes(folder).reduce((sum, size) => sum + size, 0)
}
