import type { Digest } from '../../../manifests/index.js'
import type { Severity } from '../../inside/advisories/severity.js'
import type { LookRequest } from '../../inside/image/open-image.js'
import type { Distribution, PackageKind } from '../../inside/packages/software-package.js'
import type { EndOfLife } from '../../inside/releases/end-of-life.js'
import type { DatabaseSourceFacts } from '../database/request.js'

export type { Severity } from '../../inside/advisories/severity.js'
export type { Distribution, PackageKind } from '../../inside/packages/software-package.js'
export type { EndOfLife } from '../../inside/releases/end-of-life.js'

export interface VulnerabilitiesRequest extends LookRequest {
  /** The file of the database; default: CONTAINERIMAGE_DATABASE, then `advisories.db` in the user's data folder. */
  database?: string | undefined
  /** Only those at least as severe; default: all. */
  severity?: Severity | undefined
  /** Only those that some version fixes; default: all. */
  fixed?: boolean | undefined
  /**
   * Throw VULNERABLE if one is at least this severe and not ignored; its `done` is the result. Default:
   * never.
   */
  failOn?: Severity | undefined
  /** Files that say what to leave out: OpenVEX, CycloneDX with VEX, or a plain list of ids. */
  ignore?: string[] | undefined
}

/** One vulnerability of one package of an image. */
export interface ImageVulnerability {
  /** The CVE if there is one, or else the publisher's own name for it. */
  id: string
  /** Its other names. */
  aliases: string[]
  /** The distribution's own rating if there is one, or else from the CVSS vector. */
  severity: Severity
  /** By its CVSS vector, from 0 to 10. */
  score?: number
  /** The package, by its own name. */
  package: string
  /** The system or language that it belongs to: `deb`, `npm`. */
  kind: PackageKind
  /** Of the package. */
  version: string
  /** The source package and its version, if advisories are about those and they differ. */
  source?: { name: string; version: string }
  /** The oldest version that fixes it; left out if there is none yet. */
  fixedIn?: string
  /** In one line. */
  summary: string
  /** The file of the image that says that the package is there. */
  file: string
  /** The layer that this file came from, counted from 1. */
  layer: number
  /** Whose advisory it is. */
  sources: string[]
}

/** One that a file says is to be left out. */
export interface IgnoredVulnerability extends ImageVulnerability {
  /** The file that says so. */
  ignoredBy: string
  /** Why, in its words. */
  reason: string
}

export interface VulnerabilitiesResult {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** Of the image; left out where it does not say. */
  distribution?: Distribution
  /** How long the distribution is supported; left out if that is not known. */
  endOfLife?: EndOfLife
  /** Which database was used, and how old it is. */
  database: {
    /** The file. */
    path: string
    /** Of the oldest source that was asked; left out where none was, or none has a date. */
    date?: string
    /** In whole days. */
    ageDays?: number
    /** Whether that is more than thirty days. */
    isOld: boolean
    /** Those that were asked. */
    sources: DatabaseSourceFacts[]
  }
  /** How many packages the database knows the ecosystem of. */
  packages: number
  /** Packages about which it says nothing, as it has nothing for their ecosystem. */
  unknown: { ecosystem: string; packages: number }[]
  /** How many of `vulnerabilities` there are of each severity. */
  counts: Record<Severity, number>
  /** The most severe first. */
  vulnerabilities: ImageVulnerability[]
  /** Those that files say are to be left out. */
  ignored: IgnoredVulnerability[]
  /** How many `severity` and `fixed` left out. */
  hidden: number
}
