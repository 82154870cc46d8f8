import type { Digest } from '../../../manifests/index.js'
import type { LayerComparison } from '../../inside/compare/compare-layers.js'
import type { ChangedPackage } from '../../inside/compare/compare-packages.js'
import type { ChangedSetting } from '../../inside/compare/compare-settings.js'
import type { ChangedVulnerability } from '../../inside/compare/compare-vulnerabilities.js'
import type { Difference } from '../../inside/compare/entry-differences.js'
import type { CommonOptions, NetworkOptions } from '../../session/options.js'
import type { InsideFile } from '../files/request.js'

export type { ComparedLayer, LayerComparison } from '../../inside/compare/compare-layers.js'
export type { ChangedPackage } from '../../inside/compare/compare-packages.js'
export type { ChangedSetting } from '../../inside/compare/compare-settings.js'
export type { ChangedVulnerability } from '../../inside/compare/compare-vulnerabilities.js'
export type { Difference } from '../../inside/compare/entry-differences.js'

/** What of two images is compared. */
export type DiffPart = 'config' | 'layers' | 'packages' | 'vulnerabilities' | 'files'

export interface DiffRequest extends CommonOptions, NetworkOptions {
  /** name[:tag] of what is installed, a digest, the path of a file or folder, a full reference. */
  first: string
  /** The same for the other image. */
  second: string
  /** os/architecture[/variant] of both; default: that of the settings, then the one that fits this machine best. */
  platform?: string | undefined
  /** That of the second image, where it is another one; default: as `platform`. */
  secondPlatform?: string | undefined
  /** Where the first is looked for: a source of the catalog, a path, an engine; default: the store, then the path or registry that the name says. */
  source?: string | undefined
  /** Where the second is looked for; default: as `source`. */
  secondSource?: string | undefined
  /** Compare these alone; default: all, but vulnerabilities only where there is a database of advisories. */
  only?: readonly DiffPart[] | undefined
  /** The file of the database; default: CONTAINERIMAGE_DATABASE, then `advisories.db` in the user's data folder. */
  database?: string | undefined
  /** Other times alone are a difference of files; default: false. */
  times?: boolean | undefined
}

/** One of two images that were compared. */
export interface DiffSide {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
}

export interface DiffResult {
  /** The one that was named first. */
  first: DiffSide
  /** The other one. */
  second: DiffSide
  /** Whether both are the very same, by the digests of their manifests: nothing else was read then. */
  identical: boolean
  /** Whether nothing that was compared differs. */
  same: boolean
  /** In which settings they differ; left out if it was not asked for. */
  config?: ChangedSetting[]
  /** Which layers they share; left out if it was not asked for. */
  layers?: LayerComparison
  /** In which packages they differ, by their kinds and names; left out if it was not asked for. */
  packages?: ChangedPackage[]
  /** Which vulnerabilities are gone and come, the most severe first; left out if it was not asked for, or there is no database. */
  vulnerabilities?: ChangedVulnerability[]
  /** In which files they differ, in the order of their paths; left out if it was not asked for. */
  files?: DifferentFile[]
}

/** What two images have under one name, where it is not the same. */
export interface DifferentFile {
  /** From the root of the image, beginning with a slash. */
  path: string
  /** What the second has that the first has not, and so on. */
  change: 'added' | 'removed' | 'changed'
  /** In what they differ; empty where only one of them has it. */
  what: Difference[]
  /** What the first has; left out where it has none. */
  first?: InsideFile
  /** What the second has; left out where it has none. */
  second?: InsideFile
}
