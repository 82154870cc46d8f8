import type { ArtifactKind, DeltaBase, Digest, GateVerdict } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { GateRequest } from '../../gate/command.js'
import type { FailedTarget, KeepGoingOptions } from '../../session/failures.js'
import type {
  CommonOptions,
  NetworkOptions,
  PolicyOptions,
  ReferrersOptions,
  SignatureOptions,
  SigningOptions,
  VersionOptions,
} from '../../session/options.js'
import type { SetChange } from '../../sets/changes.js'
import type { MovedName } from '../../store/moved-names.js'

/** The format of a save. */
export type SaveFormat = 'oci-archive' | 'docker-archive' | 'wim' | 'media' | 'zip' | '7z'

/** How the files of a WIM are compressed. */
export type WimCompression = 'none' | 'xpress' | 'lzx'

export interface SaveRequest
  extends CommonOptions,
    NetworkOptions,
    VersionOptions,
    PolicyOptions,
    ReferrersOptions,
    SignatureOptions,
    SigningOptions,
    KeepGoingOptions,
    GateRequest {
  /**
   * Names, patterns or references of images, or paths of archives, folders and WIMs; empty if a set names
   * them.
   */
  names: string[]
  /** A file that says which images are meant, and in what form; its lock is written beside it. SET_INVALID. */
  set?: string | undefined
  /** Take exactly what is in the lock of the set; SET_UNLOCKED if the lock is not for this set. */
  locked?: boolean | undefined
  /** For something without a version of its own, such as a WIM or the tarball of a root filesystem. */
  version?: string | undefined
  /** An existing folder, or a file with a known ending; `-` is `stdout`. */
  path: string
  /** Receives the bytes of the archive if the path is `-`. */
  stdout?: ((bytes: AsyncIterable<Uint8Array>) => Promise<void>) | undefined
  /** `os/architecture[/variant][:os.version]`, or several; default: from the settings, else this machine's. */
  platform?: string | readonly string[] | undefined
  /** Save every platform; default: one. */
  allPlatforms?: boolean | undefined
  /**
   * A registered source's name, or a location; default: the store and all sources. SOURCE_UNKNOWN for any
   * other name.
   */
  source?: string | undefined
  /**
   * Default: by the path's ending, or `media` if there is one; else `oci-archive`. FORMAT_UNKNOWN for any
   * other.
   */
  format?: SaveFormat | undefined
  /** Cut the save into files of at most this many bytes. */
  volumeSize?: number | undefined
  /** Add recovery files (PAR 2.0): recovery slices per slice of data, more than 0 and at most 1. */
  recovery?: number | undefined
  /** List the packages of each image in a CycloneDX file beside it. */
  sbom?: boolean | undefined
  /** Put the program itself beside the save, as one file that Node runs. */
  withTool?: boolean | undefined
  /** Paths of Node archives from nodejs.org, to be carried along with the program. */
  withNode?: string[] | undefined
  /** Put the database of advisories beside the save: `true` for the usual one, or the path of another. */
  withDatabase?: boolean | string | undefined
  /** Volumes only: make just this one, by its number from 1. */
  onlyVolume?: number | undefined
  /**
   * Paths of inventories, archives or media that say what the other side has. What all of them have is left
   * out.
   */
  base?: string[] | undefined
  /** How layers that the other side lacks are saved: whole, or as the difference from a layer that it has. */
  delta?: 'layers' | 'blocks' | undefined
  /**
   * Encrypt each file to these age recipients: `age1...`. The unencrypted files are kept under the store
   * meanwhile. USAGE for a media, and for files that would be beside it unencrypted.
   */
  encryptTo?: readonly string[] | undefined
  /** Files with such recipients, one per line, as for `age -R`. */
  recipients?: readonly string[] | undefined
  /** Overwrite files, and create missing folders; without it FILE_EXISTS or PATH_NOT_FOUND. */
  force?: boolean | undefined
  /**
   * WIM only: files, or patterns of names, in which to look for its other parts and for what a delta lacks,
   * in addition to the other WIMs of the request.
   */
  ref?: string[] | undefined
  /** WIM only, if it has several images: which of them, by index from 1, name or edition. */
  index?: string | undefined
  /** WIM only: how its files are compressed; default: XPRESS. */
  wimCompress?: WimCompression | undefined
  /** WIM only: add an integrity table, so that other programs can find damage. */
  integrity?: boolean | undefined
  /** WIM only: write parts of at most this many bytes, `NAME.swm`, `NAME2.swm` and so on. */
  splitSize?: number | undefined
  /** WIM only: skip what the format cannot hold instead of failing; a note lists each. */
  skipUnsupported?: boolean | undefined
}

/** With `kind` and `artifactType`, and no platform, if it is not an image. */
export interface SavedImage extends Partial<ArtifactKind> {
  /** Its whole name: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** For an index: all platforms for which it has an image; `platform` is that of the one that fits here. */
  platforms?: string[]
  /** Of the manifest. */
  digest: Digest
  /** Bytes of all that belongs to it. */
  size: number
  /** Signatures and the like that go along with it. */
  artifacts?: CarriedArtifact[]
}

/** Everything on a media, in numbers; `size` is in bytes. */
export interface MediaSummary {
  /** The folder. */
  path: string
  /** How many images it lists. */
  images: number
  /** How many charts, models and so on; left out if there are none. */
  artifacts?: number
  /** How many files it lists. */
  files: number
  /** The size of these files in bytes. */
  size: number
}

export interface SaveResult {
  /** What was saved. */
  images: SavedImage[]
  /** What was written; `size` is in bytes, `sha256` in hex. */
  files: { path: string; size: number; sha256: string }[]
  /** Bytes that were fetched or copied. */
  fetchedBytes: number
  /** Bytes that were already there from an earlier run. */
  reusedBytes: number
  /** What the site's own program said about the images, if there is one. */
  gate?: GateVerdict
  /** The recipients that the files are encrypted to. */
  encryptedTo?: string[]
  /** If a media was made or extended: all that is on it now. */
  media?: MediaSummary
  /** Names on a media that meant another image before. */
  moved?: MovedName[]
  /** Signatures that were made, in files that are among `files`; `keyId` is as minisign prints it. */
  signatures?: { path: string; keyId: string }[]
  /** If bases were given: which, and how much they saved. */
  delta?: { bases: DeltaBase[]; savedBytes: number }
  /**
   * If a set was saved: its lock, whether it was rewritten, and what it has that the one before did not have.
   */
  lock?: { path: string; images: number; written: boolean; changes: SetChange[] }
  /**
   * The media already had all of this, intact and under the same names; left out if anything was added to it.
   */
  unchanged?: boolean
  /** Images of a set that every base has already; they are not saved. */
  delivered?: SavedImage[]
  /** With `keepGoing`: what could not be saved. */
  failed?: FailedTarget[]
}
