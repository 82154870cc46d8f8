import type { PackageFacts } from '../packages/package-facts.js'
import type { MergedTree } from '../tree/merged-tree.js'
import { PACKAGE_READERS } from './package-readers.js'
import { type ImagePackages, packagesOfFacts } from './packages-of-facts.js'

/** The packages of an image whose tree was read with `PACKAGE_READERS`. */
export function packagesOfTree(tree: MergedTree): ImagePackages {
  const ids = new Set(PACKAGE_READERS.map(({ id }) => id))
  const found = [...tree.found()].map(
    ([entry, facts]) =>
      [entry, facts.filter(({ reader }) => ids.has(reader)).map(({ fact }) => fact as PackageFacts)] as const,
  )
  return packagesOfFacts(found)
}
