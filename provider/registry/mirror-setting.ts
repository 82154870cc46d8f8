/** What a mirror is asked: `resolve` is what a tag means, `pull` is everything that a digest names. */
export type MirrorCapability = 'pull' | 'resolve'

/** A registry that is asked in the place of another. */
export interface MirrorSetting {
  /** `https://host[:port][/path]`; the path is put before each repository. */
  url: string
  /** Default: both. */
  capabilities?: MirrorCapability[] | undefined
  /** PEM file of authorities to trust for this mirror besides the system's. */
  caFile?: string | undefined
  /** Its certificate is not checked; a note says so in each run. */
  skipVerify?: boolean | undefined
  /** Plain http is allowed to it, although it is not on this machine. */
  insecure?: boolean | undefined
}

/** The mirrors of one registry, in the order in which they are asked. */
export interface RegistryMirrors {
  /** The mirrors; the first is asked first. */
  endpoints: MirrorSetting[]
  /** False: never ask the registry itself. */
  upstream?: boolean
}
