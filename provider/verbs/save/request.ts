import type { ArtifactKind, DeltaBase, Digest } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { CommonOptions, NetworkOptions, VersionOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'

/** What a save is written as. */
export type SaveFormat = 'oci-archive' | 'docker-archive' | 'wim' | 'media' | 'zip' | '7z'

/** How the files of a WIM are compressed. */
export type WimCompression = 'none' | 'xpress' | 'lzx'

export interface SaveRequest extends CommonOptions, NetworkOptions, VersionOptions {
  /** Names, patterns or references of images, or paths of archives, folders and WIMs. */
  names: string[]
  /** For what has no version of its own, such as a WIM or the tarball of a root filesystem. */
  version?: string | undefined
  /** An existing folder, or a file with a known ending; `-` is `stdout`. */
  path: string
  /** Takes the bytes of the one archive that is saved where the path is `-`. */
  stdout?: ((bytes: AsyncIterable<Uint8Array>) => Promise<void>) | undefined
  /** `os/architecture[/variant][:os.version]`; the settings' or this machine's where left out. */
  platform?: string | undefined
  /** Save every platform; one where left out. */
  allPlatforms?: boolean | undefined
  /** A registered source's name, or a location; the store and all sources where left out. SOURCE_UNKNOWN for another name. */
  source?: string | undefined
  /** By the path where left out: its ending, or a media that is there; else `oci-archive`. FORMAT_UNKNOWN for another. */
  format?: SaveFormat | undefined
  /** Cut the save into files of at most so many bytes. */
  volumeSize?: number | undefined
  /** Add recovery files (PAR 2.0): how many slices for each slice, more than 0 and at most 1. */
  recovery?: number | undefined
  /** Put the program itself beside what is saved, as one file that Node runs. */
  withTool?: boolean | undefined
  /** Paths of archives of Node, as nodejs.org has them, to be carried along with the program. */
  withNode?: string[] | undefined
  /** Of a set of volumes: make this one alone, by its number from 1. */
  onlyVolume?: number | undefined
  /** Paths of what says what the other side has: inventories, archives, media. What all of them have stays behind. */
  base?: string[] | undefined
  /** How layers go that the other side lacks: whole, or as what they have beyond a layer that it has. */
  delta?: 'layers' | 'blocks' | undefined
  /** Overwrite files, and make missing folders; FILE_EXISTS or PATH_NOT_FOUND where left out. */
  force?: boolean | undefined
  /** Of a WIM: how its files are compressed; XPRESS where left out. */
  wimCompress?: WimCompression | undefined
  /** Of a WIM: add hashes of the file itself, by which other programs find damage. */
  integrity?: boolean | undefined
  /** Of a WIM: write parts of at most so many bytes, `NAME.swm`, `NAME2.swm` and so on. */
  splitSize?: number | undefined
  /** Of a WIM: leave out what it cannot hold, instead of failing; each is told in a note. */
  skipUnsupported?: boolean | undefined
}

/** With `kind` and `artifactType`, and no platform, for what is no image. */
export interface SavedImage extends Partial<ArtifactKind> {
  /** Its whole name: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** Of the manifest. */
  digest: Digest
  /** Bytes of all that belongs to it. */
  size: number
  /** Signatures and the like that go along with it. */
  artifacts?: CarriedArtifact[]
}

export interface SaveResult {
  /** What was saved. */
  images: SavedImage[]
  /** What was written; `size` is in bytes, `sha256` in hex. */
  files: { path: string; size: number; sha256: string }[]
  /** Bytes that were fetched or copied. */
  fetchedBytes: number
  /** Bytes that were there from an earlier run. */
  reusedBytes: number
  /** Where a media was made or extended: all that is on it now. */
  media?: { path: string; images: number; artifacts?: number; files: number; size: number }
  /** Names on a media that meant another image before. */
  moved?: MovedName[]
  /** Where bases were given: which, and how much they spared. */
  delta?: { bases: DeltaBase[]; savedBytes: number }
}
