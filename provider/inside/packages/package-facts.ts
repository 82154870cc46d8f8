import type { Distribution, SoftwarePackage } from './software-package.js'

/** A package according to one file; the tree knows which file and layer that was. */
export type FoundPackage = Omit<SoftwarePackage, 'file' | 'layer' | 'partOf'>

/** What the Windows registry says about the system; a later layer may override part of it. */
export interface WindowsFacts {
  productName?: string
  editionId?: string
  displayVersion?: string
  majorVersion?: number
  minorVersion?: number
  build?: string
  revision?: number
}

/** What one file of an image says about packages: plain JSON, as it is kept with its layer. */
export interface PackageFacts {
  packages?: FoundPackage[]
  distribution?: Distribution
  windows?: WindowsFacts
  /** The licences of the package that a documentation file belongs to. */
  licence?: { package: string; licence: string }
  /** The library manifests that came with a distribution package, by the package's name. */
  owned?: { package: string; files: string[] }[]
  /** What could not be read, for people. */
  notes?: string[]
}
