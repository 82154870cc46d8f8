import type { GateRequest } from '../../gate/command.js'
import type { KeepGoingOptions } from '../../session/failures.js'
import type { CommonOptions, NetworkOptions, PolicyOptions, ReferrersOptions } from '../../session/options.js'

export interface PullRequest
  extends CommonOptions,
    NetworkOptions,
    PolicyOptions,
    ReferrersOptions,
    KeepGoingOptions,
    GateRequest {
  /** Full references, or names in the catalog with a tag: `debian:12.5`. */
  references: string[]
  /** Every tag of each repository. */
  allTags?: boolean | undefined
  /** `os/architecture[/variant][:os.version]`, or several; default: from the settings, else this machine's. */
  platform?: string | readonly string[] | undefined
  /** Fetch every platform; default: one. */
  allPlatforms?: boolean | undefined
}
