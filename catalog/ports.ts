import type { Entry } from './entry.js'

/** What the catalog asks of a registry; provider/registry answers it. */
export interface TagLister {
  /**
   * All tags of a repository (distribution-spec, "Content Discovery"; every page).
   * @param registry host[:port]  @param repository path below it
   * @throws NOT_FOUND, UNAUTHORIZED, NETWORK_UNREACHABLE and the other network errors
   */
  tags(registry: string, repository: string, options: RegistryOptions): Promise<string[]>
  /** All repositories by `_catalog`; undefined if the registry does not have it. */
  repositories(registry: string, options: RegistryOptions): Promise<string[] | undefined>
}

export interface RegistryOptions {
  /** Plain http is allowed, even if the registry is not on this machine. */
  insecure?: boolean
  /**
   * The answer is not essential, so it is not waited for as long as others; with 'retries' it may take its
   * time, but is not asked for again and again.
   */
  brief?: boolean | 'retries'
  signal?: AbortSignal
}

/** Reads a whole small document from a path or an http(s) URL. @throws DOCUMENT_TOO_LARGE, network errors */
export interface DocumentReader {
  read(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array>
}

/** What the catalog asks of a folder; provider/sources/folder answers it by reading archives in place. */
export interface FolderLister {
  /** Every image in every archive and layout in a folder; notes name the files that could not be read. */
  images(
    folder: string,
    options: { signal?: AbortSignal },
  ): Promise<{ entries: FolderImage[]; notes: string[] }>
}

export type FolderImage = Omit<Entry, 'source'>

/** Tags of repositories as they were last listed; provider/sources/tag-cache.ts keeps them between runs. */
export interface TagCache {
  /**
   * @param key registry and repository: `docker.io/library/debian`
   * @returns the tags and how long ago they were listed, in milliseconds; undefined if there are none
   */
  get(key: string): Promise<{ tags: string[]; age: number } | undefined>
  /** Keeps tags. A cache that cannot be written is no reason to fail: the catalog carries on. */
  set(key: string, tags: string[]): Promise<void>
}
