/**
 * What the page asks of the program, and what it gets: declared here once for both. The server's answers are results of
 * the library, which the compiler checks against these types; so the page need not load the library. Sizes are in
 * bytes, times are ISO 8601.
 */
export interface Actions {
  about: Call<Nothing, About>
  images: Call<Nothing, ImageRow[]>
  engines: Call<Nothing, EngineAnswer[]>
  image: Call<ImageRequest, ImageDetail>
  history: Call<ImageRequest, Step[]>
  removal: Call<{ name: string }, Removal>
  receipts: Call<Nothing, ReceiptRow[]>
  sources: Call<Nothing, Source[]>
  settings: Call<Nothing, Record<string, string>>
  removable: Call<Nothing, Removable[]>
  search: Call<SearchRequest, Hit[]>
  find: Call<FindRequest, FindAnswer>
  tags: Call<TagsRequest, TagsAnswer>
  status: Call<StatusRequest, SiteStatus>
  tag: Call<{ from: string; to: string }, { tag: string; digest: string }>
  untag: Call<{ name: string }, { tag: string; digest: string }>
  verify: Call<VerifyRequest, VerifyAnswer>
  install: Call<InstallRequest, InstallAnswer>
  save: Call<SaveRequest, SaveAnswer>
  uninstall: Call<UninstallRequest, Removal>
  load: Call<LoadRequest, LoadAnswer>
  databaseAdd: Call<DatabaseAddRequest, DatabaseAnswer>
  files: Call<FilesRequest, FilesAnswer>
  packages: Call<ImageRequest, PackagesAnswer>
  diff: Call<{ first: string; second: string }, DiffAnswer>
  vulnerabilities: Call<ImageRequest, VulnerabilitiesAnswer>
}

export type ActionName = keyof Actions
export type RequestOf<Name extends ActionName> = Actions[Name]['request']
export type AnswerOf<Name extends ActionName> = Actions[Name]['answer']

interface Call<Request, Answer> {
  request: Request
  answer: Answer
}
type Nothing = Record<string, never>

/** Actions that are started and then watched. */
export const LONG_ACTIONS = ['verify', 'install', 'save', 'uninstall', 'load', 'databaseAdd'] as const
export type LongAction = (typeof LONG_ACTIONS)[number]

export interface About {
  version: string
  /** Whether anything may be written. */
  allowsChanges: boolean
  /** As it was given when the window was opened. */
  store?: string | undefined
  /** The views inside an image that this program has. */
  inside: ('files' | 'packages' | 'vulnerabilities')[]
}

export interface ImageRow {
  repository: string
  tag: string
  name: string
  version: string
  fullName: string
  id: string
  digest: string
  created: string
  unpackedSize?: number | undefined
  contentSize?: number | undefined
  /** How many containers of an engine are made from it. */
  containers?: number | undefined
  os: string
  architecture: string
  osVersion?: string | undefined
  kind?: string | undefined
}

/** What one engine has; without images if it cannot be reached. */
export interface EngineAnswer {
  engine: string
  images?: ImageRow[]
}

export interface ImageRequest {
  /** A name, a digest, a reference or a path. */
  name: string
  platform?: string | undefined
}

export interface ImageDetail {
  name: string
  digest: string
  id: string
  mediaType: string
  tags: string[]
  platform: string
  created: string
  size: number
  original?: string | undefined
  reference?: string | undefined
  artifacts?: { digest: string; kind: string; artifactType?: string | undefined }[] | undefined
  signatures?: ShownSignature[] | undefined
  /** Why the policy in the settings does not admit it. */
  refusal?: { code: string; message: string } | undefined
  /** What its build attests. */
  attestations?: { digest: string; predicates: string[] }[] | undefined
  manifest: unknown
  config?: unknown
}

/** One signature of an image, and how it was judged. */
export interface ShownSignature {
  kind?: string | undefined
  signer?: string | undefined
  predicateType?: string | undefined
  verdict: 'trusted' | 'untrusted' | 'unchecked'
  reason?: string | undefined
}

export interface Step {
  created: string
  createdBy: string
  size: number
  comment: string
  emptyLayer: boolean
}

export interface Removal {
  removed: { name: string; version: string; digest: string; tags: string[]; remaining?: string[] }[]
  freedBytes: number
}

export interface ReceiptRow {
  number: number
  time: string
  by: string
  from: string[]
  host?: string | undefined
  images: { name: string; version: string; platform: string; digest: string; outcome: string }[]
  error?: { code: string; message: string } | undefined
}

export interface Source {
  name: string
  location: string
  type: string
}

export interface Removable {
  path: string
  freeBytes?: number
  totalBytes?: number
}

export interface SearchRequest {
  term: string
  source?: string | undefined
}

export interface Hit {
  name: string
  description: string
  source: string
}

export interface FindRequest {
  /** Names or patterns; none means everything. */
  names?: string[] | undefined
  source?: string | undefined
  allVersions?: boolean | undefined
  platform?: string | undefined
}

export interface FoundRow {
  name: string
  version: string
  os: string
  architecture: string
  source: string
  summary: string
  reference?: string | undefined
  digest?: string | undefined
  size?: number | undefined
}

export interface FindAnswer {
  images: FoundRow[]
  notes: string[]
}

export interface TagsRequest {
  repository: string
  source?: string | undefined
}

export interface TagsAnswer {
  repository: string
  total: number
  tags: { tag: string; isVersion: boolean }[]
}

export interface StatusRequest {
  path: string
  receipts?: string[] | undefined
}

export interface SiteStatus {
  images: { name: string; version: string; platform: string; digest: string }[]
  hosts: {
    store: string
    host?: string
    last: string
    images: {
      name: string
      version: string
      digest: string
      state: 'delivered' | 'refused' | 'not yet'
      time?: string
    }[]
  }[]
}

export interface VerifyRequest {
  /** What to read; the store if it is left out. */
  path?: string | undefined
}

export interface VerifyAnswer {
  ok: boolean
  blobs: number
  bytes: number
  problems: { code: string; path?: string; digest?: string; message: string }[]
  notes?: string[]
  /** Who signed what was checked, by its path. */
  signers?: { path: string; signers: MediaSigner[] }[]
}

/** One signature of a media, an archive or volumes, and how it was judged. */
export interface MediaSigner {
  file: string
  keyId?: string | undefined
  /** What the user calls the key, if it is trusted. */
  signer?: string | undefined
  verdict: 'valid' | 'unknown' | 'invalid'
  /** ISO 8601. */
  signed?: string | undefined
  problem?: string | undefined
}

export interface InstallRequest {
  target: string
  platform?: string | undefined
  allPlatforms?: boolean | undefined
  noLatest?: boolean | undefined
  /** Where a receipt goes: a file, a folder, or a media. */
  receipt?: string | undefined
  whatIf?: boolean | undefined
}

export interface InstallAnswer {
  images: { name: string; version: string; platform: string; digest: string; size: number; tags: string[] }[]
  copiedBytes: number
  reusedBytes: number
  moved: unknown[]
  /** Where it was written. */
  receipt?: string | undefined
  alreadyThere: string[]
}

export interface SaveRequest {
  names: string[]
  path: string
  platforms?: string[] | undefined
  allPlatforms?: boolean | undefined
  source?: string | undefined
  format?: string | undefined
  /** Such as `4g`. */
  volumeSize?: string | undefined
  /** Recovery files, such as `5%`. */
  recovery?: string | undefined
  force?: boolean | undefined
  whatIf?: boolean | undefined
}

export interface SaveAnswer {
  images: { name: string; version: string; platform: string; digest: string; size: number }[]
  files: { path: string; size: number; sha256: string }[]
  fetchedBytes: number
  reusedBytes: number
}

export interface UninstallRequest {
  name: string
  force?: boolean | undefined
  whatIf?: boolean | undefined
}

export interface LoadRequest {
  name: string
  engine: string
  whatIf?: boolean | undefined
}

export interface LoadAnswer {
  engine: string
  images: { name: string; version: string; tags: string[] }[]
}

export interface DatabaseAddRequest {
  /** A file or folder from a publisher, or a media that has a database. */
  path: string
  whatIf?: boolean | undefined
}

export interface DatabaseAnswer {
  added: { name: string; advisories: number }[]
}

export interface FilesRequest extends ImageRequest {
  /** A folder of the image; default: its root. */
  folder?: string | undefined
  /** A part of a name, which is looked for in every folder. */
  text?: string | undefined
}

export interface FilesAnswer {
  /** In the order of their names; not all of them if there are too many. */
  files: FileRow[]
  total: number
}

export interface FileRow {
  /** From the root of the image, beginning with a slash. */
  path: string
  kind: 'file' | 'folder' | 'link' | 'character-device' | 'block-device' | 'fifo'
  size: number
  mode: string
  uid: number
  gid: number
  modified: string
  /** The layer that brought it, from 1. */
  layer: number
  target?: string | undefined
  /** For a folder: how many names are below it, and the bytes of the files there. */
  below?: number | undefined
  belowSize?: number | undefined
}

export interface PackagesAnswer {
  distribution?: { id: string; version?: string | undefined; prettyName?: string | undefined } | undefined
  packages: PackageRow[]
  notes: { file: string; message: string }[]
  /** Bills of materials that go with the image, besides what was found. */
  carried?: CarriedSbom[] | undefined
}

export interface CarriedSbom {
  digest: string
  format: string
  packages: number
  both: number
  onlyThere: string[]
  onlyHere: string[]
}

export interface PackageRow {
  kind: string
  name: string
  version: string
  source?: { name: string; version: string } | undefined
  architecture?: string | undefined
  licence?: string | undefined
  purl?: string | undefined
  file: string
  /** The layer that brought that file, from 1. */
  layer: number
}

export interface DiffAnswer {
  packages: { kind: string; name: string; first: string[]; second: string[] }[]
  /** Not all of them if there are too many. */
  files: {
    path: string
    change: 'added' | 'removed' | 'changed'
    firstSize?: number | undefined
    secondSize?: number | undefined
  }[]
  filesTotal: number
}

/** The most severe comes first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface VulnerabilitiesAnswer {
  endOfLife?: { end: string; isOver: boolean } | undefined
  database: { date?: string | undefined; ageDays?: number | undefined; isOld: boolean }
  counts: Record<Severity, number>
  vulnerabilities: VulnerabilityRow[]
}

export interface VulnerabilityRow {
  id: string
  severity: Severity
  score?: number | undefined
  package: string
  version: string
  fixedIn?: string | undefined
  summary: string
  layer: number
}

/** An error as the command line's `--json` prints it. */
export interface Failure {
  code: string
  message: string
  remedy?: string
}

/** A long action, as the page sees it. */
export interface Job {
  id: string
  action: LongAction
  request: unknown
  state: JobState
  result?: unknown
  error?: Failure
}

export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

/** One of the lines that `--progress json` writes, or how the job ended. */
export type JobEvent =
  | { event: 'begin'; task: string; total: number }
  | {
      event: 'progress'
      task: string
      done: number
      total: number
      copied: number
      reused: number
      verified: number
      bytesPerSecond: number
      secondsLeft: number | null
    }
  | { event: 'note'; message: string }
  | { event: 'blob' | 'blob-end' | 'end' }
  | { event: 'finished'; job: Job }

/** A file that was dropped on the page, in the form in which paths name it. */
export interface Uploaded {
  path: string
  size: number
}

/** How the names of uploaded files begin where a path is expected. */
export const UPLOADED = 'uploaded:'

export const TOKEN_HEADER = 'x-containerimage-token'
export const NAME_HEADER = 'x-containerimage-name'
