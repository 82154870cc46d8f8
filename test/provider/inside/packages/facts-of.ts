import type { PackageFacts } from '../../../../provider/inside/packages/package-facts.js'
import { PACKAGE_READERS } from '../../../../provider/inside/packages-of-image/package-readers.js'
import {
  type ImagePackages,
  packagesOfFacts,
} from '../../../../provider/inside/packages-of-image/packages-of-facts.js'
import type { TreeEntry } from '../../../../provider/inside/tree/entry.js'

/** A file of an image, by its path. */
export type SampleFiles = Record<string, string | Buffer>

export function entryOf(path: string, bytes: Buffer, layer = 0): TreeEntry {
  return { path, kind: 'file', size: bytes.length, mode: 0o755, uid: 0, gid: 0, mtime: 0, layer }
}

/** What the readers that want a file find in it; kept as JSON and read again, as from the layers of an earlier run. */
export function factsOf(path: string, content: string | Buffer): PackageFacts[] {
  const bytes = Buffer.from(content)
  const entry = entryOf(path, bytes)
  const interested = PACKAGE_READERS.filter((reader) => reader.wants(entry))
  const facts = interested.flatMap((reader) => reader.read(entry, bytes) ?? [])
  return JSON.parse(JSON.stringify(facts))
}

/** The packages of an image whose layers have these files, none of them twice. */
export function packagesIn(...layers: SampleFiles[]): ImagePackages {
  return packagesOfFacts(
    layers.flatMap((files, layer) =>
      Object.entries(files).map(
        ([path, content]) => [entryOf(path, Buffer.from(content), layer), factsOf(path, content)] as const,
      ),
    ),
  )
}

/** `kind name version`, one line each. */
export function shortly({ packages }: Pick<ImagePackages, 'packages'>): string[] {
  return packages.map(({ kind, name, version }) => `${kind} ${name} ${version}`)
}
