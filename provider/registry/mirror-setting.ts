/** What a mirror is asked: `resolve` is what a tag means, `pull` is everything that a digest names. */
export type MirrorCapability = 'pull' | 'resolve'

/** A registry that is asked in the place of another. */
export interface MirrorSetting {
  /** `https://host[:port][/path]`; the path is put before each repository. */
  url: string
  /** Both where left out. */
  capabilities?: MirrorCapability[] | undefined
  /** PEM file of authorities that are trusted for this mirror beside the system's. */
  caFile?: string | undefined
  /** Its certificate is not checked; each run tells so in a note. */
  skipVerify?: boolean | undefined
  /** Plain http is allowed to it, though it is not on this machine. */
  insecure?: boolean | undefined
}

/** The mirrors of one registry, in the order in which they are asked. */
export interface RegistryMirrors {
  /** The mirrors; the first is asked first. */
  endpoints: MirrorSetting[]
  /** False where the registry itself must not be asked. */
  upstream?: boolean
}
