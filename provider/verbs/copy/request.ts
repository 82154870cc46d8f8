import type { GateRequest } from '../../gate/command.js'
import type { FailedTarget } from '../../session/failures.js'
import type {
  CommonOptions,
  NetworkOptions,
  PolicyOptions,
  ReferrersOptions,
  SignatureOptions,
  VersionOptions,
} from '../../session/options.js'
import type { PushResult } from '../push/request.js'

export interface CopyRequest
  extends CommonOptions,
    NetworkOptions,
    PolicyOptions,
    ReferrersOptions,
    SignatureOptions,
    VersionOptions,
    GateRequest {
  /**
   * A full reference, which means its registry even if it is installed; the path of an archive, a folder, a
   * media or a store; the name of an installed image; or a name in the catalog.
   */
  image: string
  /**
   * `host[:port]/path/repo[:tag]`. Without a tag it gets the one that it has at its source; with a digest it
   * must be that image, and gets no tag.
   */
  destination: string
  /** Further tags that it gets there. */
  tags?: string[] | undefined
  /** Every tag of the repository, each under the same tag there. One that fails does not stop the others. */
  allTags?: boolean | undefined
  /** Where a name is looked up: the name of a source, or a location; default: all sources. */
  source?: string | undefined
  /**
   * `os/architecture[/variant][:os.version]`, or several, which are copied as an index of just these;
   * default: from the settings, else this machine's.
   */
  platform?: string | readonly string[] | undefined
  /** The whole index with the images of every platform; default: one. */
  allPlatforms?: boolean | undefined
  /** Also copy nondistributable layers whose bytes the source has. */
  allowNondistributable?: boolean | undefined
}

export interface CopyResult extends PushResult {
  /** With `allTags`: what could not be copied, and why; left out if everything could. */
  failed?: FailedTarget[]
}
