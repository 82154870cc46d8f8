import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface SearchRequest extends CommonOptions, NetworkOptions {
  /** Part of a name; `host[:port]/part` to search in one registry. */
  term: string
  /** `host[:port]` or a registered registry source. */
  source?: string | undefined
  /** At most this many names; default: 25. */
  limit?: number | undefined
}
