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
  /** Takes the bytes where they go to standard output. */
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
  /** Left out where no file of the image says so. */
  distribution?: Distribution
  /** By their names, then by versions, kinds and files. */
  packages: InsidePackage[]
  /** Files that could not be read, or not as a whole. */
  notes: { file: string; layer: number; message: string }[]
  /** Bills of materials that refer to the image and are here, beside what was found; left out if there are none. */
  carried?: ComparedSbom[]
}

/** One package of an image. */
export interface InsidePackage {
  /** The system or language that it is of, as in package URLs. */
  kind: PackageKind
  /** As its own system spells it: `libssl3`, `@angular/core`, `org.slf4j:slf4j-api`. */
  name: string
  /** As its own system writes it, with epoch and release. */
  version: string
  /** The source package that it was built of, where that has another name or version. */
  source?: { name: string; version: string }
  /** As its own system spells it. */
  architecture?: string
  /** As the package says it; SPDX names where it has them. */
  licence?: string
  /** Its package URL, where it can have one. */
  purl?: string
  /** The file that says so, from the root of the image, beginning with a slash. */
  file: string
  /** The layer that brought that file, from 1. */
  layer: number
  /** Of a library: the package of the distribution that brought it. */
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
