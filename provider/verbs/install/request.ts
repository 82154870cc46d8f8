import type {
  ArtifactKind,
  Digest,
  GateVerdict,
  ReceivedBlob,
  ReceivedImage,
} from '../../../manifests/index.js'
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
import type { MovedName } from '../../store/moved-names.js'
import type { LoadOptions, LoadResult } from '../load/request.js'

export interface InstallRequest
  extends CommonOptions,
    NetworkOptions,
    VersionOptions,
    PolicyOptions,
    ReferrersOptions,
    SignatureOptions,
    SigningOptions,
    LoadOptions,
    KeepGoingOptions,
    GateRequest {
  /** Names, references, or paths of archives and folders. */
  targets: string[]
  /** `os/architecture[/variant][:os.version]`, or several; default: from the settings, else this machine's. */
  platform?: string | readonly string[] | undefined
  /** Install every platform; default: one. */
  allPlatforms?: boolean | undefined
  /** A registered source's name, or a location; default: all sources. SOURCE_UNKNOWN for any other name. */
  source?: string | undefined
  /** Do not move the tag `latest`. */
  noLatest?: boolean | undefined
  /** Copy everything again, even what is already there; default: false. */
  force?: boolean | undefined
  /** Where a receipt goes: a file, a folder, or a media. */
  receipt?: string | undefined
  /** Name of this host in the receipt; default: none. */
  receiptHost?: string | undefined
  /** WIM only: which of its images, by index from 1 or by name. */
  index?: string | undefined
  /**
   * WIM only: files, or patterns of names, in which to look for its other parts and for what a delta lacks, besides
   * the other WIMs of the request.
   */
  ref?: string[] | undefined
  /** WIM only: skip what a layer cannot hold instead of failing; a note lists each. */
  skipUnsupported?: boolean | undefined
  /** WIM only: compress the layer that is made from it; default: uncompressed. */
  compress?: 'gzip' | undefined
  /** Also lay out a Windows image as a folder beside the store, as the original did. */
  expand?: boolean | undefined
  /** Asks for the stick with the next volumes, by their names; returns its folder, or undefined to stop. */
  nextVolume?: ((names: string) => Promise<string | undefined>) | undefined
  /** For the tarball of a root filesystem, or for an image that its archive does not name. */
  name?: string | undefined
  /** The version to go with `name`. */
  version?: string | undefined
  /** Copy what all targets mean in one go, so that the index is written once; default: one target after the other. */
  together?: boolean | undefined
}

/** With `kind` and `artifactType` if it is not an image, such as a chart. */
export interface InstalledImage extends Partial<ArtifactKind> {
  /** Without host and version: `debian`. */
  name: string
  /** `12.5`. */
  version: string
  /** `CN=PUBLISHER_NAME_VERSION`, as `get` lists it. */
  fullName: string
  /** Empty with `whatIf` if it is only known after the work, as for a WIM. */
  digest: Digest
  /** `debian:12.5`, `debian:latest`. */
  tags: string[]
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** Of an index: all for which it has an image; `platform` is that of the one that fits here. */
  platforms?: string[]
  /** Bytes of its blobs. */
  size: number
  /** Signatures and the like that came along with it. */
  artifacts?: CarriedArtifact[]
}

export interface InstallResult {
  /** Every requested image that is now installed, new or not. */
  images: InstalledImage[]
  /** What the site's own program said about them, if there is one. */
  gate?: GateVerdict
  /** Where each of them comes from: the name of a source, a full reference, or a path. */
  origins: string[]
  /** The name by which each of them was requested, and what it named: an index, if there is one. */
  resolved?: { name: string; digest: Digest }[]
  /** Bytes that were copied into the store. */
  copiedBytes: number
  /** Bytes that the store already had. */
  reusedBytes: number
  /** Tags that named another image before. */
  moved: MovedName[]
  /** Images that were already there, so that nothing was copied. */
  alreadyThere: Digest[]
  /** Folders that images were laid out in, if requested; the report names what they do not hold. */
  expanded?: { path: string; bytes: number; losses: number; report: string; wasThere: boolean }[]
  /** Every blob of the images, and whether this run copied it. */
  blobs: ReceivedBlob[]
  /** The layers of each image, the lowest first. */
  layers: { digest: Digest; diffId: Digest }[][]
  /** Images that should have been installed but were not, if a run failed. */
  refused?: ReceivedImage[]
  /** With `keepGoing`: what could not be installed, and why. */
  failed?: FailedTarget[]
  /** Where the receipt was written. */
  receipt?: string
  /** The signatures of the file that it was written to: their files, and the keys as minisign prints them. */
  signatures?: { path: string; keyId: string }[]
  /** What an engine got, if requested. */
  loaded?: LoadResult
}
