import type { TreeEntry } from '../tree/entry.js'
import type { FileReader } from '../tree/file-reader.js'
import { Findings } from './findings.js'
import type { PackageFacts } from './package-facts.js'

/** One format in which images say what packages they have. */
export interface PackageFormat {
  /** With a number that is increased whenever its facts change. */
  id: string
  /** In bytes; a larger file is reported and not read. */
  largest: number
  /** By the path alone, from the root of the image. */
  wantsPath(path: string): boolean
  /** By what else is known of a file before it is read. */
  wantsEntry?(entry: TreeEntry): boolean
  /**
   * Adds what a file says; may throw anything if the file is broken, and what it added before that counts.
   */
  read(bytes: Buffer, findings: Findings, path: string): void
}

/** Kilobytes and megabytes, for the bounds of the formats. */
export const KB = 1024
export const MB = 1024 * 1024

/** A reader that survives any file: what is broken becomes a note. */
export function packageReader(format: PackageFormat): FileReader<PackageFacts> {
  return {
    id: format.id,
    wants: (entry) =>
      entry.kind === 'file' && format.wantsPath(entry.path) && (format.wantsEntry?.(entry) ?? true),
    read(entry, bytes) {
      const findings = new Findings()
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (buffer.length > format.largest)
        findings.note(
          `has ${buffer.length} bytes, more than the ${format.largest} that are read of such a file`,
        )
      else readInto(findings, format, buffer, entry.path)
      return findings.facts()
    },
  }
}

function readInto(findings: Findings, format: PackageFormat, buffer: Buffer, path: string): void {
  try {
    format.read(buffer, findings, path)
  } catch (error) {
    findings.note(`cannot be read as a whole: ${whyOf(error)}`)
  }
}

/** Buffers and parsers complain in their own words, which may contain bytes of the file. */
function whyOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message
  if (error instanceof RangeError) return 'it is cut short, or says a wrong length'
  if (error instanceof SyntaxError) return 'it is not JSON'
  return 'it is damaged'
}

/** What a format's reader throws where a file is not of its format; the message goes into the note. */
export class Unreadable extends Error {}
