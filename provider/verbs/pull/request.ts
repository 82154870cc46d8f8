import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface PullRequest extends CommonOptions, NetworkOptions {
  /** Full references, or names of the catalog with a tag: `debian:12.5`. */
  references: string[]
  /** Every tag of each of them. */
  allTags?: boolean | undefined
  /** `os/architecture[/variant][:os.version]`; the settings' or this machine's where left out. */
  platform?: string | undefined
  /** Fetch every platform; one where left out. */
  allPlatforms?: boolean | undefined
}
