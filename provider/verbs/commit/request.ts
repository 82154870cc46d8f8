import type { Digest } from '../../../manifests/index.js'
import type { Difference } from '../../inside/compare/entry-differences.js'
import type { CommonOptions, NetworkOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'

export type { Difference } from '../../inside/compare/entry-differences.js'

/** What is written into a new image in addition to its files. */
export interface NewImageOptions {
  /** The name of the image: `name[:tag]`; default tag: `latest`. INVALID_REFERENCE if it is not a name. */
  name: string
  /** A comment for its history; default: none. */
  message?: string | undefined
  /** Who made it; default: what the parent says. */
  author?: string | undefined
  /** Changes of its settings, each an instruction of a Dockerfile such as `CMD ["nginx"]`; default: none. */
  changes?: readonly string[] | undefined
  /** Also make it `latest` in its repository; default: false. */
  latest?: boolean | undefined
}

export interface CommitRequest extends CommonOptions, NetworkOptions, NewImageOptions {
  /** A folder with a root file system, a bundle, or a tar of one; `-` for standard input. */
  path: string
  /**
   * The image that it was unpacked from: `name[:tag]`, a digest, the path of an archive, a full reference, or
   * `scratch` for none; default: what a bundle made by umoci says.
   */
  from?: string | undefined
  /** Where to look for that; default: the store, then the path or registry that the name gives. */
  source?: string | undefined
  /** os/architecture[/variant] of the parent; default: that of the settings, then the one that fits this machine best. */
  platform?: string | undefined
  /** Whose the files are: `as-is`, `parent` as the parent has them (what is new is root's), or numbers such as `0:0`; default: `parent` for an ordinary user and a folder, else `as-is`. */
  owner?: string | undefined
  /** Count a different time alone as a change; default: false. */
  times?: boolean | undefined
}

export interface CommitResult {
  /** The name in full: `app:1.0`. */
  image: string
  /** Of the manifest. Empty if nothing was made, because nothing has changed or because of `whatIf`. */
  digest: Digest | ''
  /** Of the config: the image's id in docker. Empty if there is none. */
  id: Digest | ''
  /** All names that it got. */
  tags: string[]
  /** The image that it is made from; left out if it is from scratch. */
  parent?: { image: string; digest: Digest }
  /** The layer that was made; left out if no file has changed, and with `whatIf`. */
  layer?: { digest: Digest; diffId: Digest; size: number }
  /** How many files, folders, links and devices were added, changed and removed. What was in a removed folder does not count. */
  counts: { added: number; changed: number; removed: number }
  /** In the order of their paths. */
  files: CommittedFile[]
  /** What was left out of the folder because no layer can have it. */
  leftOut: { path: string; reason: string }[]
  /** Names that meant other images before. */
  moved: MovedName[]
}

/** What a commit found under one name. */
export interface CommittedFile {
  /** From the root of the image, beginning with a slash. */
  path: string
  /** How it was changed. */
  change: 'added' | 'changed' | 'removed'
  /** What differs in it; empty if it was added or removed. */
  what: Difference[]
}
