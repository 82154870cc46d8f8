import type {
  DeltaBase,
  Digest,
  Inventory,
  Receipt,
  ReceivedBlob,
  ReceivedImage,
} from '../manifests/index.js'
import type { EngineKind } from './engine/engine.js'
import type { EngineChoice } from './engine/open-engine.js'
import type { OnProgress } from './ports.js'

export type * from './mirrors.js'

/** What every verb of the library takes. */
export interface CommonOptions {
  /** Folder of the store; CONTAINERIMAGE_STORE, the settings, or the user's data folder where left out. */
  store?: string
  signal?: AbortSignal
  onProgress?: OnProgress
  /** Say what would happen and change nothing. */
  whatIf?: boolean
}

/** How to reach registries and URLs. */
export interface NetworkOptions {
  /** PEM file of authorities that are trusted beside the system's. */
  caFile?: string
  /** Plain http is allowed to hosts other than this machine. */
  insecure?: boolean
  /** Hosts from which foreign layers may be fetched beside the built-in ones. */
  allowForeignHosts?: string[]
  /** Leave foreign layers out. */
  noForeign?: boolean
  /** For the one registry that the request names, and for this run alone. */
  login?: { username: string; password: string }
  /** PEM files of a certificate that is shown to the one registry that the request names. */
  clientCertificate?: { certFile: string; keyFile: string }
}

/** Which engine is meant, and how it is reached. */
export interface EngineRequest {
  /** One of them, or the first that answers. */
  engine?: EngineChoice
  /** A socket or an address; where the engine's own client would look where left out. */
  engineAddress?: string
  /** Of containerd; `default` where left out. */
  namespace?: string
}

export interface VersionOptions {
  /** Exact, or with wildcards: the newest of these. */
  requiredVersion?: string
  minimumVersion?: string
  maximumVersion?: string
  allVersions?: boolean
}

export interface FindRequest extends CommonOptions, NetworkOptions, VersionOptions {
  /** Names or wildcard patterns; everything where left out. */
  names?: string[]
  /** `os/architecture[/variant][:os.version]`. */
  platform?: string
  /** A registered source's name, or a location: folder, index, https://host. All sources where left out. */
  source?: string
}

export interface FoundImage {
  name: string
  version: string
  os: string
  architecture: string
  osVersion?: string
  source: string
  summary: string
  reference?: string
  digest?: Digest
  /** Bytes to fetch. */
  size?: number
}

export interface FindResult {
  images: FoundImage[]
  /** Lines for the reader: which source is offline, and as of which date its list is. */
  notes: string[]
}

export type SaveFormat = 'oci-archive' | 'docker-archive' | 'wim' | 'media' | 'zip' | '7z'

export type WimCompression = 'none' | 'xpress' | 'lzx'

export interface SaveRequest extends CommonOptions, NetworkOptions, VersionOptions {
  names: string[]
  /** An existing folder, or a file with a known ending. */
  path: string
  platform?: string
  allPlatforms?: boolean
  source?: string
  format?: SaveFormat
  /** Cut the save into files of at most so many bytes. */
  volumeSize?: number
  /** Add recovery files (PAR 2.0): how many slices for each slice, more than 0 and at most 1. */
  recovery?: number
  /** Put the program itself beside what is saved, as one file that Node runs. */
  withTool?: boolean
  /** Paths of archives of Node, as nodejs.org has them, to be carried along with the program. */
  withNode?: string[]
  /** Of a set of volumes: make this one alone, by its number from 1. */
  onlyVolume?: number
  /** Paths of what says what the other side has: inventories, archives, media. What all of them have stays behind. */
  base?: string[]
  /** How layers go that the other side lacks: whole, or as what they have beyond a layer that it has. */
  delta?: 'layers' | 'blocks'
  force?: boolean
  /** Of a WIM: how its files are compressed; XPRESS where left out. */
  wimCompress?: WimCompression
  /** Of a WIM: add hashes of the file itself, by which other programs find damage. */
  integrity?: boolean
  /** Of a WIM: write parts of at most so many bytes, `NAME.swm`, `NAME2.swm` and so on. */
  splitSize?: number
  /** Of a WIM: leave out what it cannot hold, instead of failing; each is told in a note. */
  skipUnsupported?: boolean
}

export interface SaveResult {
  images: { name: string; version: string; platform: string; digest: Digest; size: number }[]
  files: { path: string; size: number; sha256: string }[]
  fetchedBytes: number
  reusedBytes: number
  /** Where a media was made or extended: all that is on it now. */
  media?: { path: string; images: number; files: number; size: number }
  /** Where bases were given: which, and how much they spared. */
  delta?: { bases: DeltaBase[]; savedBytes: number }
}

export interface InstallRequest extends CommonOptions, NetworkOptions, VersionOptions, LoadOptions {
  /** Names, references, or paths of archives and folders. */
  targets: string[]
  platform?: string
  allPlatforms?: boolean
  source?: string
  /** Leave the tag `latest` as it is. */
  noLatest?: boolean
  force?: boolean
  /** Where a receipt goes: a file, a folder, or a media. */
  receipt?: string
  /** A name for this host, to stand in the receipt; none where left out. */
  receiptHost?: string
  /** Of a WIM: which of its images, by index from 1 or by name. */
  index?: string
  /** Of a WIM: leave out what a layer cannot hold, instead of failing; each is told in a note. */
  skipUnsupported?: boolean
  /** Of a WIM: compress the layer that is made of it; it stays uncompressed where this is left out. */
  compress?: 'gzip'
  /** Also lay an image of Windows out as a folder beside the store, as the original did. */
  expand?: boolean
  /** Asks for the stick with the next volumes, by their names; a folder, or undefined to go no further. */
  nextVolume?: (names: string) => Promise<string | undefined>
  /** For the tarball of a root filesystem, or to name what an archive left without a name. */
  name?: string
  version?: string
}

export interface InstalledImage {
  name: string
  version: string
  fullName: string
  /** Empty with `whatIf` where it is known only after the work, as for a WIM. */
  digest: Digest
  /** `debian:12.5`, `debian:latest`. */
  tags: string[]
  platform: string
  size: number
}

export interface InstallResult {
  images: InstalledImage[]
  /** Where each of them comes from: the name of a source, a full reference, or a path. */
  origins: string[]
  /** The name that each of them was asked for by, and what it named: an index, where there is one. */
  resolved?: { name: string; digest: Digest }[]
  copiedBytes: number
  reusedBytes: number
  /** Tags that named another image before. */
  moved: { tag: string; from: Digest; fromVersion?: string }[]
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

/** How images get into an engine. */
export interface LoadOptions extends EngineRequest {
  /** The repository that the engine shall know an image by, in place of its own name. */
  repository?: string
  /** Of containerd: keep the images from garbage collection. */
  pin?: boolean
}

export interface LoadRequest extends CommonOptions, LoadOptions {
  /** Installed images: exact names, `name:tag`, patterns, digests. */
  names: string[]
  /** Leave the tag `latest` out. */
  noLatest?: boolean
}

export interface LoadedImage {
  name: string
  version: string
  /** Of the manifest in the store. */
  digest: Digest
  /** The config's digest: the image's id in the engine. */
  id: Digest
  /** As the engine has them: `docker.io/library/debian:12.5`. */
  tags: string[]
  platform: string
}

export interface LoadResult {
  engine: EngineKind
  /** `docker 20.10.24 at /run/docker.sock`. */
  engineLabel: string
  images: LoadedImage[]
  /** Bytes of blobs that went to the engine. */
  sentBytes: number
  /** Bytes of blobs that it had. */
  reusedBytes: number
}

export interface GetRequest extends CommonOptions, EngineRequest {
  /** Names or wildcard patterns. */
  names?: string[]
}

/** One tag of the store. */
export interface StoredImage {
  repository: string
  tag: string
  name: string
  version: string
  fullName: string
  /** The config's digest. */
  id: Digest
  /** The manifest's digest. */
  digest: Digest
  /** ISO 8601; empty where the image does not say. */
  created: string
  /** Bytes of its blobs in the store. */
  size: number
  os: string
  architecture: string
  osVersion?: string
}

export interface UninstallRequest extends CommonOptions, EngineRequest {
  /** Exact name or wildcard pattern; may be `name:tag`. */
  name?: string
  version?: string
  allVersions?: boolean
  fullName?: string
  force?: boolean
}

export interface UninstallResult {
  removed: { name: string; version: string; fullName: string; digest: Digest; tags: string[] }[]
  freedBytes: number
  /** Where `latest` points now, if it moved: one for each name. */
  latest?: { tag: string; digest: Digest; version: string }[]
  /** Folders that the images were laid out in, which went too, with the bytes of their files. */
  expanded?: { path: string; bytes: number }[]
}

export interface TagRequest extends CommonOptions {
  /** `name[:tag]` or a digest of an installed image. */
  from: string
  to: string
}

export interface UntagRequest extends CommonOptions {
  name: string
}

export interface HistoryRequest extends CommonOptions {
  /** `name[:tag]`, a digest, or the path of an archive. */
  name: string
  platform?: string
}

export type { HistoryStep } from '../manifests/index.js'

export interface InspectRequest extends CommonOptions {
  /** `name[:tag]`, a digest, or the path of an archive. */
  names: string[]
  platform?: string
}

export interface InspectedImage {
  name: string
  digest: Digest
  id: Digest
  mediaType: string
  tags: string[]
  platform: string
  created: string
  size: number
  /** The manifest that this one stands for, with layers kept uncompressed; signatures are over that. */
  original?: Digest
  manifest: unknown
  config: unknown
}

/** A WIM as its header and XML data describe it. */
export interface InspectedWim {
  /** The first part's file name. */
  name: string
  format: 'WIM'
  guid: string
  /** none, XPRESS, LZX or LZMS. */
  compression: string
  /** Bytes that one chunk expands to; 0 where nothing is compressed. */
  chunkSize: number
  /** Whether many files share a chunk, as in an ESD. */
  solid: boolean
  /** wimlib's form that can be read from a pipe. */
  pipable: boolean
  /** Whether every part has a table of hashes over its bytes. */
  integrityTable: boolean
  bootIndex?: number
  /** Bytes of all parts. */
  size: number
  parts: { number: number; name: string; size: number }[]
  images: InspectedWimImage[]
}

/** One image of a WIM; what its maker did not write is left out. */
export interface InspectedWimImage {
  /** From 1. */
  index: number
  name?: string
  description?: string
  displayName?: string
  edition?: string
  installationType?: string
  productName?: string
  /** As OCI names it. */
  architecture?: string
  /** Four parts. */
  version?: string
  build?: string
  languages?: readonly string[]
  defaultLanguage?: string
  /** Bytes of all files. */
  size?: number
  files?: number
  folders?: number
  created?: string
  modified?: string
}

export interface VerifyRequest extends CommonOptions {
  /** Archives and folders; the store where left out. */
  paths?: string[]
  /** Repair files first that recovery files lie beside; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean
}

export interface VerifyProblem {
  code: string
  path?: string
  digest?: string
  expected?: string
  found?: string
  message: string
}

export interface VerifyResult {
  ok: boolean
  blobs: number
  bytes: number
  problems: VerifyProblem[]
  /** Of deltas: blobs that were left out, as the other side has them; they were not read. */
  leftOut?: { blobs: number; bytes: number }
  /** Images whose layers are kept uncompressed, each with the manifest that it stands for. */
  plain?: { digest: Digest; original: Digest }[]
  /** Files that were repaired before. */
  repaired?: string[]
}

export interface ReceiptRequest extends CommonOptions {
  /** Logs of receipts; a media stands for all that lie on it. The store's own where left out. */
  paths?: string[]
}

export interface ReceiptLog {
  path: string
  receipts: Receipt[]
}

export interface MediaStatusRequest extends CommonOptions {
  /** The media, archive or set of volumes that was sent. */
  path: string
  /** Logs of receipts that came back, beside those that lie on the media. */
  receipts?: string[]
}

export interface MediaStatus {
  /** What was sent. */
  images: { name: string; version: string; platform: string; digest: Digest }[]
  hosts: HostStatus[]
}

/** What one store says of what was sent. */
export interface HostStatus {
  /** The store's own name, which says nothing of the host. */
  store: string
  host?: string
  /** Of its last receipt, ISO 8601. */
  last: string
  images: {
    name: string
    version: string
    digest: Digest
    state: 'delivered' | 'refused' | 'not yet'
    /** Of the receipt that says so, ISO 8601. */
    time?: string
  }[]
}

export interface InventoryRequest extends CommonOptions, EngineRequest {
  /** Say the host's name in it, or another one. */
  host?: string
  /** Write it to this file. */
  path?: string
  /** Overwrite the file. */
  force?: boolean
}

export interface InventoryResult {
  inventory: Inventory
  /** Where it was written. */
  path?: string
  /** In bytes. */
  size: number
}

export interface PruneRequest extends CommonOptions {}

export interface PruneResult {
  removed: { digest: Digest; size: number }[]
  freedBytes: number
}

export interface PullRequest extends CommonOptions, NetworkOptions {
  /** Full references, or names of the catalog with a tag: `debian:12.5`. */
  references: string[]
  /** Every tag of each of them. */
  allTags?: boolean
  platform?: string
  allPlatforms?: boolean
}

export interface PushRequest extends CommonOptions, NetworkOptions {
  /** Names or patterns of installed images, or paths of archives and folders. */
  names: string[]
  /** `host[:port][/prefix]`, or the name of a source that is a registry. */
  registry: string
  /** Leave the registry's tag `latest` as it is. */
  noLatest?: boolean
  /** Push layers, too, that may not be handed on to others, where their bytes are here. */
  allowNondistributable?: boolean
  /** Of an archive with several. */
  platform?: string
  allPlatforms?: boolean
}

export interface PushedImage {
  name: string
  version: string
  /** What to pull: `registry.example.org/base/debian:12.5`. */
  reference: string
  digest: Digest
  /** As the registry has them: `base/debian:12.5`, `base/debian:latest`. */
  tags: string[]
  /** Bytes of all that belongs to it. */
  size: number
  /** With `whatIf`: what the registry does not have. */
  wouldSend?: { bytes: number; blobs: number }
}

export interface PushResult {
  images: PushedImage[]
  sentBytes: number
  /** What the registry took from another of its repositories. */
  mountedBytes: number
  /** What was there. */
  reusedBytes: number
}

export interface ServeRequest extends CommonOptions {
  /** An archive, a volume of a set, a layout or a media; the store where left out. */
  path?: string
  /** `host:port`; 127.0.0.1:5000 where left out, port 0 for one that is free. */
  listen?: string
  /** PEM files, both or neither: with them TLS is spoken. */
  tlsCert?: string
  tlsKey?: string
  /** An htpasswd file with bcrypt hashes; everybody may read where left out. */
  auth?: string
  /** File of the access log, JSON lines. Without it they go to `onLogLine`. */
  accessLog?: string
  onLogLine?: (line: string) => void
  /** How long what is under way may go on after the signal, in milliseconds; 10,000 where left out. */
  graceMs?: number
  /** Told once, when clients can connect. */
  onListening?: (serving: ServingPlace) => void
  /** Is given the function that opens the log again and reads certificate and key again. */
  onReload?: (reload: () => void) => void
}

/** Where a registry listens. */
export interface ServingPlace {
  /** `http://127.0.0.1:5000`. */
  url: string
  host: string
  port: number
  tls: boolean
  auth: boolean
  /** What is served: the folder or file. */
  path: string
  repositories: string[]
  /** What `docker pull` takes, for one of the images. */
  example?: string
}

export interface ServeResult {
  requests: number
  sentBytes: number
  failures: number
}

export interface SearchRequest extends CommonOptions, NetworkOptions {
  /** Part of a name; `host[:port]/part` where it is to be searched in one registry. */
  term: string
  /** `host[:port]` or a registered registry source. */
  source?: string
  limit?: number
}

export interface SearchHit {
  name: string
  description: string
  source: string
  /** On Docker Hub: how many like it, and whether it is one of its own. */
  stars?: number
  official?: boolean
}

export type SourceKind = 'registry' | 'index' | 'folder' | 'embedded'

/** A source as the settings keep it. */
export interface SourceSetting {
  name: string
  location: string
  type: SourceKind
  insecure?: boolean
  /** A regular expression: which tags of this registry are versions. */
  tagRule?: string
}

export type MirrorEngine = 'docker' | 'containerd' | 'podman'

export interface MirrorConfigRequest extends CommonOptions {
  engine: MirrorEngine
  /** Registries, each with mirrors in the settings; all of these where left out. */
  registries?: string[]
  /** A folder that the files are written below. */
  output?: string
  /** Overwrite files there. */
  force?: boolean
}

export interface MirrorConfigResult {
  engine: MirrorEngine
  /** `path` is the file's place on the engine's machine; `copyOf` the file of an authority that it is. */
  files: { path: string; content: string; copyOf?: string }[]
  /** What the settings say and the engine cannot do. */
  limits: string[]
  /** What to do with the files. */
  next: string[]
}
