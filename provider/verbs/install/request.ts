import type { ArtifactKind, Digest, ReceivedBlob, ReceivedImage } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { CommonOptions, NetworkOptions, VersionOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'
import type { LoadOptions, LoadResult } from '../load/request.js'

export interface InstallRequest extends CommonOptions, NetworkOptions, VersionOptions, LoadOptions {
  /** Names, references, or paths of archives and folders. */
  targets: string[]
  /** `os/architecture[/variant][:os.version]`; the settings' or this machine's where left out. */
  platform?: string | undefined
  /** Install every platform; one where left out. */
  allPlatforms?: boolean | undefined
  /** A registered source's name, or a location; all sources where left out. SOURCE_UNKNOWN for another name. */
  source?: string | undefined
  /** Leave the tag `latest` as it is. */
  noLatest?: boolean | undefined
  /** Bring everything again, whatever is there; false where left out. */
  force?: boolean | undefined
  /** Where a receipt goes: a file, a folder, or a media. */
  receipt?: string | undefined
  /** A name for this host, to stand in the receipt; none where left out. */
  receiptHost?: string | undefined
  /** Of a WIM: which of its images, by index from 1 or by name. */
  index?: string | undefined
  /** Of a WIM: leave out what a layer cannot hold, instead of failing; each is told in a note. */
  skipUnsupported?: boolean | undefined
  /** Of a WIM: compress the layer that is made of it; it stays uncompressed where this is left out. */
  compress?: 'gzip' | undefined
  /** Also lay an image of Windows out as a folder beside the store, as the original did. */
  expand?: boolean | undefined
  /** Asks for the stick with the next volumes, by their names; a folder, or undefined to go no further. */
  nextVolume?: ((names: string) => Promise<string | undefined>) | undefined
  /** For the tarball of a root filesystem, or to name what an archive left without a name. */
  name?: string | undefined
  /** The version to go with `name`. */
  version?: string | undefined
}

/** With `kind` and `artifactType` for what is no image, such as a chart. */
export interface InstalledImage extends Partial<ArtifactKind> {
  /** Without host and version: `debian`. */
  name: string
  /** `12.5`. */
  version: string
  /** `CN=PUBLISHER_NAME_VERSION`, as `get` lists it. */
  fullName: string
  /** Empty with `whatIf` where it is known only after the work, as for a WIM. */
  digest: Digest
  /** `debian:12.5`, `debian:latest`. */
  tags: string[]
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** Bytes of its blobs. */
  size: number
  /** Signatures and the like that came along with it. */
  artifacts?: CarriedArtifact[]
}

export interface InstallResult {
  /** Every image that is installed now, new or not. */
  images: InstalledImage[]
  /** Where each of them comes from: the name of a source, a full reference, or a path. */
  origins: string[]
  /** The name that each of them was asked for by, and what it named: an index, where there is one. */
  resolved?: { name: string; digest: Digest }[]
  /** Bytes that were copied into the store. */
  copiedBytes: number
  /** Bytes that the store had. */
  reusedBytes: number
  /** Tags that named another image before. */
  moved: MovedName[]
  /** Images that were there already, of which nothing was copied. */
  alreadyThere: Digest[]
  /** Folders that images were laid out in, where that was asked for; the report names what they do not hold. */
  expanded?: { path: string; bytes: number; losses: number; report: string; wasThere: boolean }[]
  /** Every blob of the images, and whether it came with this run. */
  blobs: ReceivedBlob[]
  /** Of each image its layers, the lowest first. */
  layers: { digest: Digest; diffId: Digest }[][]
  /** Images that were meant and not installed, where a run failed. */
  refused?: ReceivedImage[]
  /** Where the receipt was written. */
  receipt?: string
  /** What an engine got of it, where that was asked for. */
  loaded?: LoadResult
}
