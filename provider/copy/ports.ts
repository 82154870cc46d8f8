import type { DeltaList, Descriptor, Digest, LocalName, Platform } from '../../manifests/index.js'
import type { Bytes, FileRange, ReadOptions } from '../io/bytes.js'
import type { ExpectedLayer } from './expected-layer.js'

/** Where images come from. What it returns is not verified yet; `provider/copy` does that. */
export interface ImageSource {
  /** For messages: `docker.io/library/debian`, `./debian-12.tar`. */
  readonly label: string
  /** At most this many reads at once; 1 for what can only be read forward. */
  readonly concurrency: number
  /**
   * The descriptor that a name has here: a tag, a digest, or an image's name in an archive.
   * A registry's is an index where the tag names one.
   * @throws NOT_FOUND
   */
  resolve(name: string, options?: { signal?: AbortSignal }): Promise<Descriptor>
  /**
   * The bytes of a blob, document or layer, from a given offset to its end.
   * @throws NOT_FOUND, BLOB_MISSING, network errors; also while the bytes are being read
   */
  read(descriptor: Descriptor, options?: ReadOptions): Bytes
  /** Where the bytes lie on this machine, if they do, uncompressed and in one piece. */
  locate?(descriptor: Descriptor): Promise<FileRange | undefined>
  /** Whether a blob is there at all, where that is known without reading it. */
  holds?(descriptor: Descriptor): Promise<boolean>
  /**
   * The total size of the files in a layer, if one with this digest was unpacked before and found to be what is
   * expected. Nothing is said about the bytes that the source has now: whoever takes them hashes them.
   */
  knownLayer?(layer: Descriptor, expected: ExpectedLayer): Promise<number | undefined>
  /** The order in which blobs are cheapest to read, where the source has one. */
  order?(descriptors: Descriptor[]): Descriptor[]
  /**
   * Signatures, attestations and other artifacts that refer to a digest (distribution-spec, "Listing
   * Referrers", and the tag scheme `sha256-<hex>.sig`). An artifact found by its tag carries that tag in
   * the annotation `org.opencontainers.image.ref.name`.
   */
  referrers?(digest: Digest, options?: { signal?: AbortSignal }): Promise<Descriptor[]>
  /** For a delta: what its images need but it does not carry. */
  readonly delta?: DeltaList
  close(): Promise<void>
}

/** What a sink is told before the first blob: everything that will come, and under which names. */
export interface CopyPlan {
  /** Every descriptor of the copy, each digest once: blobs first, then manifests, then indexes. */
  contents: Descriptor[]
  /** Small documents (manifests, indexes, configs) that were read and verified while planning, by digest. */
  documents: Map<Digest, Uint8Array>
  images: PlannedImage[]
  /** What the images also need but is left out of the contents, as the other side has it. */
  delta?: DeltaList
}

/** One thing that will have a name: an image or an index, or an artifact that travels along. */
export interface PlannedImage {
  root: Descriptor
  names: LocalName[]
  /** Undefined for an artifact. For an index, that of the image chosen for engines that know no indexes. */
  platform?: Platform
  /** Of an artifact that travels along: the image that it goes with. */
  goesWith?: Digest
  /**
   * Documents that go along only for the sake of their digests, and are not followed: the index that an image
   * was chosen from.
   */
  companions?: Descriptor[]
  /** Annotations that the index of a layout gets for this root. */
  annotations: Record<string, string>
}

/** A blob on its way: the sink says from which byte it wants it. */
export interface Content {
  descriptor: Descriptor
  /** Opens the bytes from an offset. The result is raw; the sink passes it through `verified`. */
  open(from: number): Bytes
  /**
   * Passes by what the sink already has of a blob, from its first byte: it gives back the same bytes. Where it is there,
   * a sink that hashes such bytes reads them through it, as a layer is checked from its beginning.
   */
  kept?(bytes: Bytes): Bytes
  /**
   * Where it is there, a sink that is seen early awaits it when all bytes have come, before it gives anything a name.
   * @throws what is wrong with the layer
   */
  judged?(): Promise<unknown>
  /** Where the bytes are on this machine, if they are. */
  range?: FileRange
  signal?: AbortSignal
  /** Called with the number of bytes that moved since the last call, and whether they were there already. */
  onBytes?(count: number, kind: 'copied' | 'reused'): void
}

/** Where images go to. */
export interface ImageSink {
  readonly label: string
  /** At most this many writes at once, where the sink cannot take as many as the source gives. */
  readonly concurrency?: number
  /** The only order in which the sink can take blobs, where it has one; known after `begin`. */
  order?(descriptors: Descriptor[]): Descriptor[]
  /**
   * Whether parts of it have their final names before `commit`: then a layer is checked before it is written.
   */
  readonly isSeenEarly?: boolean
  /** Told once, before anything else; the place for the check of free space. @throws NO_SPACE */
  begin?(plan: CopyPlan, options?: { signal?: AbortSignal }): Promise<void>
  /** Whether these bytes are there already, whole. */
  has(descriptor: Descriptor): Promise<boolean>
  /**
   * Takes one blob or document; returns when it is verified and will survive a crash.
   * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE and whatever the source throws
   */
  write(content: Content): Promise<void>
  /** Whether a layer that is there is already known to have this diff id; if left out, nobody asks. */
  knowsLayer?(descriptor: Descriptor, diffId: Digest): Promise<boolean>
  /** Called for a complete layer that is as expected, with the total size of the files in it, in bytes. */
  measured?(descriptor: Descriptor, bytes: number, expected: ExpectedLayer): void
  /** Where a blob that was written is on this machine, if it is there as it is. */
  locateWritten?(descriptor: Descriptor): Promise<FileRange | undefined>
  /** Gives a root its names, after all of its blobs are there. Returns what the names meant before. */
  tag(image: PlannedImage): Promise<void>
  /** The same for all roots in one step, if the sink can: either all of them get their names, or none. */
  tagAll?(images: readonly PlannedImage[]): Promise<void>
  /** Told once, at the end, if nothing failed: the sink makes its result visible. */
  commit?(): Promise<void>
  /** Told once, if something failed: what can be continued is kept; of bad input, nothing is kept. */
  abort?(error: unknown): Promise<void>
}

/** A layer that is made here from something else: its digest is known only when all of it is written. */
export interface LayerWork {
  /** Names everything that the bytes depend on: work with the same identity always makes the same bytes. */
  identity: string
  /** How the tar is compressed once it is written; then another file stands for the layer. */
  compress?: 'gzip'
  /** In bytes, at most; for the check of free space. */
  sizeAtMost: number
  /** Writes the uncompressed tar into an open, empty file; returns its size. */
  write(file: { fd: number; ready(upTo: number): void }): Promise<number>
}

/** A layer that was made, and lies in a file of this machine. */
export interface MadeLayer {
  descriptor: Descriptor
  diffId: Digest
  path: string
}

/** A place where layers can be made. */
export interface LayerMaker {
  /** What work with this identity made earlier, if it is still there. */
  find(identity: string): Promise<MadeLayer | undefined>
  /** @throws NO_SPACE, INTERRUPTED and what the work throws; nothing is left behind then */
  make(work: LayerWork, options?: { signal?: AbortSignal }): Promise<MadeLayer>
  /** Called once, at the end: whatever was made but has no name by then is removed. */
  close(): Promise<void>
}

/** One image that an archive or folder holds, under the name that it has there. */
export interface NamedImage {
  root: Descriptor
  /** As the archive spells it: `debian:12.5`, `docker.io/library/debian:12.5`, `12.5`; undefined where it has none. */
  refName?: string
  /** What the archive says of the root; data, never trusted for a decision. */
  annotations: Record<string, string>
}

/** What is known of an image before its layers are made. */
export interface OfferedImage {
  /** Its name in the collection, where that has several. */
  image?: string
  name: string
  version: string
  publisher?: string
  platform: Platform
  summary: string
  /** In bytes, at most, once it is installed. */
  size: number
}

/** A source that can list everything it holds: an archive or a folder. */
export interface ImageCollection extends ImageSource {
  /** In words: `OCI archive`, `docker archive`, `root filesystem`, `WIM`. */
  readonly format: string
  /** A store or media of ours, into which an index comes with all that it names: what is not there was lost. */
  readonly isComplete?: boolean
  /**
   * The documents that have no digest of their own but say which image a name means, as they were read: their
   * names and the SHA-256 of their bytes. Everything else is read by digest. Undefined if images are made
   * from the bytes of a file.
   */
  readonly documents?: ReadonlyMap<string, string>
  images(): Promise<NamedImage[]>
  /** If the layers have to be made before `images` can answer: what the images will be, at no cost. */
  offers?(): Promise<OfferedImage[]>
  /** Lines for the reader about what was left out, after `images` has answered. */
  notes?(): string[]
  /** The layers that `images` had to make, and did not find. */
  made?(): Descriptor[]
}
