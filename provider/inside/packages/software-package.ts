/** How a package came to be in an image; it decides how its versions compare, and where advisories about it are. */
export type PackageKind =
  | 'deb'
  | 'apk'
  | 'rpm'
  | 'opkg'
  | 'alpm'
  | 'npm'
  | 'pypi'
  | 'golang'
  | 'maven'
  | 'nuget'
  | 'gem'
  | 'composer'
  | 'cargo'
  | 'windows'

/** One package that an image has: of its distribution, or a library of a language. */
export interface SoftwarePackage {
  kind: PackageKind
  /** As its own system spells it: `libssl3`, `@angular/core`, `org.slf4j:slf4j-api`. */
  name: string
  /** As its own system writes it, with epoch and release: `1:2.4.1-3+b1`, `0:5.14.0-1.el9`. */
  version: string
  /** The source package it was built from, if that has another name or version. */
  source?: { name: string; version: string }
  architecture?: string
  /** As the package says it; a list of SPDX names where it has one. */
  licence?: string
  /** The file of the image that says so. */
  file: string
  /** The layer that brought that file, from 0. */
  layer: number
  /**
   * For a library: the distribution package that it came with, which fixes it under its own version numbers.
   */
  partOf?: string
}

/** The distribution of an image, by its `os-release`, or by the registry of Windows. */
export interface Distribution {
  /** `debian`, `ubuntu`, `alpine`, `rhel`, `almalinux`, `windows`. */
  id: string
  /** `12`, `3.19`, `9.4`. */
  version?: string
  /** `bookworm`. */
  codename?: string
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  prettyName?: string
  /** The ones it is like, closest first, as in ID_LIKE. */
  like?: string[]
}
