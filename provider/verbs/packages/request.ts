import type { Digest } from '../../../manifests/index.js'
import type { LookRequest } from '../../inside/image/open-image.js'
import type { Distribution, PackageKind } from '../../inside/packages/software-package.js'
import type { ComparedSbom } from '../../inside/sbom/carried-sboms.js'
import type { SbomFormat } from '../../inside/sbom/sbom-of-image.js'

export type { Distribution, PackageKind } from '../../inside/packages/software-package.js'
export type { ComparedSbom } from '../../inside/sbom/carried-sboms.js'
export type { SbomFormat } from '../../inside/sbom/sbom-of-image.js'

export interface PackagesRequest extends LookRequest {
  /** Only packages of these kinds; default: all. */
  kinds?: readonly PackageKind[] | undefined
}

export interface SbomRequest extends PackagesRequest {
  /** CycloneDX 1.6 or SPDX 2.3, both as JSON. */
  format: SbomFormat
  /** The file that is written; `-` for `stdout`. */
  output: string
  /** Overwrite a file of that name; default: FILE_EXISTS. */
  force?: boolean | undefined
  /** Receives the bytes if they go to standard output. */
  stdout?: ((bytes: AsyncIterable<Uint8Array>) => Promise<void>) | undefined
}

/** The packages of one image. */
export interface PackagesResult {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** From the lowest up. */
  layers: { digest: Digest; size: number }[]
  /** Left out if no file in the image says. */
  distribution?: Distribution
  /** By their names, then by versions, kinds and files. */
  packages: InsidePackage[]
  /** Files that could not be read, or not completely. */
  notes: { file: string; layer: number; message: string }[]
  /**
   * SBOMs that refer to the image and are available, compared with what was found; left out if there are
   * none.
   */
  carried?: ComparedSbom[]
}

/** One package of an image. */
export interface InsidePackage {
  /** The system or language that it belongs to, as in package URLs. */
  kind: PackageKind
  /** As its own system spells it: `libssl3`, `@angular/core`, `org.slf4j:slf4j-api`. */
  name: string
  /** As its own system writes it, with epoch and release. */
  version: string
  /** The source package that it was built from, if that has another name or version. */
  source?: { name: string; version: string }
  /** As its own system spells it. */
  architecture?: string
  /** In the package's own words; SPDX names if it has them. */
  licence?: string
  /** Its package URL, if it can have one. */
  purl?: string
  /** The file that says so, from the root of the image, beginning with a slash. */
  file: string
  /** The layer that this file came from, counted from 1. */
  layer: number
  /** For a library: the distribution package that it came with. */
  partOf?: string
}

export interface WrittenSbom {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** As it was asked for. */
  format: SbomFormat
  /** As it was asked for. */
  output: string
  /** How many it lists. */
  packages: number
  /** In bytes. */
  size: number
}
