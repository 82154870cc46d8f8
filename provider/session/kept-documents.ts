import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, digestOf, isDigest, splitDigest } from '../../manifests/index.js'
import { makeFolder, replaceFile } from '../io/files/durable.js'
import { documentIfReadable } from '../io/files/read-document.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { isOrphaned, isReplacement } from '../io/files/replacement-name.js'
import type { DocumentsMemory } from '../registry/documents-memory.js'

/** In bytes: larger documents are fetched again, as there are few of them. */
const LARGEST = 1024 * 1024
/**
 * In bytes, and files: what is kept of all registries together. An image has three files: its manifest, its config, and what
 * its tag names. If those of a set did not all have room, a run would fetch what the last one removed.
 */
const MOST_BYTES = 64 * 1024 * 1024
const MOST_FILES = 65_536
/** Of a digest that a tag named. */
const DIGEST_BYTES = 256

/**
 * Small documents from registries, and what their tags last named, as files in one folder that runs share.
 * Nothing in it is trusted: a document is compared with its digest, and a tag is looked up again. A folder
 * that cannot be read or written counts as empty.
 */
export class KeptDocuments implements DocumentsMemory {
  private hasKept = false
  private folderMade: Promise<unknown> | undefined

  constructor(
    private readonly folder: string,
    private readonly isReadOnly: boolean,
  ) {}

  async document(digest: Digest, limit: number): Promise<Uint8Array | undefined> {
    const { algorithm, hex } = splitDigest(digest)
    const bytes = algorithm === 'sha256' ? this.read(hex, Math.min(limit, LARGEST)) : undefined
    return bytes && digestOf(bytes) === digest ? bytes : undefined
  }

  async keepDocument(digest: Digest, bytes: Uint8Array): Promise<void> {
    const { algorithm, hex } = splitDigest(digest)
    if (algorithm === 'sha256' && bytes.length <= LARGEST) await this.write(hex, bytes)
  }

  async lastDigest(reference: string): Promise<Digest | undefined> {
    const text = this.read(tagFile(reference), DIGEST_BYTES)?.toString('utf8')
    return text !== undefined && isDigest(text) ? text : undefined
  }

  async keepDigest(reference: string, digest: Digest): Promise<void> {
    await this.write(tagFile(reference), Buffer.from(digest))
  }

  /** Removes the oldest files where there are too many, and what killed runs left. */
  async close(): Promise<void> {
    if (!this.hasKept) return
    try {
      const files: { name: string; bytes: number; at: number }[] = []
      for (const name of await readdir(this.folder)) {
        if (isReplacement(name) && isOrphaned(name)) await removePath(path.join(this.folder, name))
        if (!/^(tag-)?[0-9a-f]{64}$/.test(name)) continue
        const { size, mtimeMs } = await stat(path.join(this.folder, name))
        files.push({ name, bytes: size, at: mtimeMs })
      }
      files.sort((a, b) => b.at - a.at)
      let left = MOST_BYTES
      for (const [i, { name, bytes }] of files.entries()) {
        left -= bytes
        if (left < 0 || i >= MOST_FILES) await removePath(path.join(this.folder, name))
      }
    } catch {
      // Another run may remove the same; the next one tries again.
    }
  }

  private read(name: string, limit: number): Buffer | undefined {
    return documentIfReadable(path.join(this.folder, name), limit)
  }

  private async write(name: string, bytes: Uint8Array): Promise<void> {
    if (this.isReadOnly) return
    try {
      this.folderMade ??= makeFolder(this.folder)
      await this.folderMade
      const file = path.join(this.folder, name)
      await replaceFile(file, bytes, { mode: 0o600, isSwept: true, isPassing: true })
      this.hasKept = true
    } catch {
      // The next run asks again; nothing is lost.
    }
  }
}

function tagFile(reference: string): string {
  return `tag-${createHash('sha256').update(reference).digest('hex')}`
}
