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

/** Which parts of two images are compared. */
export type DiffPart = 'config' | 'layers' | 'packages' | 'vulnerabilities' | 'files'

export interface DiffRequest extends CommonOptions, NetworkOptions {
  /** name[:tag] of what is installed, a digest, the path of a file or folder, a full reference. */
  first: string
  /** The same for the other image. */
  second: string
  /** os/architecture[/variant] of both; default: that of the settings, then the one that fits this machine best. */
  platform?: string | undefined
  /** That of the second image, if it differs; default: as `platform`. */
  secondPlatform?: string | undefined
  /**
   * Where to look for the first: a source of the catalog, a path, an engine; default: the store, then the
   * path or registry that the name gives.
   */
  source?: string | undefined
  /** Where to look for the second; default: as `source`. */
  secondSource?: string | undefined
  /** Compare only these; default: all, but vulnerabilities only if there is a database of advisories. */
  only?: readonly DiffPart[] | undefined
  /** The file of the database; default: CONTAINERIMAGE_DATABASE, then `advisories.db` in the user's data folder. */
  database?: string | undefined
  /** Count a different time alone as a difference between files; default: false. */
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
  /** Which settings differ; left out if not requested. */
  config?: ChangedSetting[]
  /** Which layers they share; left out if not requested. */
  layers?: LayerComparison
  /** Which packages differ, by their kinds and names; left out if not requested. */
  packages?: ChangedPackage[]
  /**
   * Which vulnerabilities are gone and which are new, the most severe first; left out if not requested, or if
   * there is no database.
   */
  vulnerabilities?: ChangedVulnerability[]
  /** Which files differ, in the order of their paths; left out if not requested. */
  files?: DifferentFile[]
}

/** What two images have under one name, if it differs. */
export interface DifferentFile {
  /** From the root of the image, beginning with a slash. */
  path: string
  /** Whether it was added in the second, removed, or changed. */
  change: 'added' | 'removed' | 'changed'
  /** What differs; empty if only one of them has it. */
  what: Difference[]
  /** What the first has; left out where it has none. */
  first?: InsideFile
  /** What the second has; left out where it has none. */
  second?: InsideFile
}
