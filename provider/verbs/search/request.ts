import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface SearchRequest extends CommonOptions, NetworkOptions {
  /** Part of a name; `host[:port]/part` where it is to be searched in one registry. */
  term: string
  /** `host[:port]` or a registered registry source. */
  source?: string | undefined
  /** How many names at most; 25 where left out. */
  limit?: number | undefined
}
