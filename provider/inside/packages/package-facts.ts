import type { Distribution, SoftwarePackage } from './software-package.js'

/** A package as one file says it; which file and layer that was, the tree says. */
export type FoundPackage = Omit<SoftwarePackage, 'file' | 'layer' | 'partOf'>

/** What the registry of Windows says of the system; a later layer may say a part of it anew. */
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
  /** Of the package that a file of its documentation belongs to. */
  licence?: { package: string; licence: string }
  /** The manifests of libraries that a package of the distribution brought, by the package's name. */
  owned?: { package: string; files: string[] }[]
  /** What could not be read, for people. */
  notes?: string[]
}
