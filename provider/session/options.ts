import type { EngineChoice } from '../engine/open-engine.js'
import type { OnProgress } from '../io/progress.js'

/** What every verb of the library takes. */
export interface CommonOptions {
  /** Folder of the store; CONTAINERIMAGE_STORE, the settings, or the user's data folder where left out. */
  store?: string | undefined
  /** Stops the work, which then throws INTERRUPTED; nothing stops it where left out. */
  signal?: AbortSignal | undefined
  /** Told of progress and notes; nobody is told where left out. */
  onProgress?: OnProgress | undefined
  /** Say what would happen and change nothing. */
  whatIf?: boolean | undefined
  /** What `-` among paths stands for; there is no standard input where left out. */
  stdin?: Stdin | undefined
}

/** The bytes of standard input. */
export type Stdin = AsyncIterable<Uint8Array | string>

/** How to reach registries and URLs. */
export interface NetworkOptions {
  /** PEM file of authorities that are trusted beside the system's. */
  caFile?: string | undefined
  /** Plain http is allowed to hosts other than this machine. */
  insecure?: boolean | undefined
  /** Hosts from which foreign layers may be fetched beside the built-in ones. */
  allowForeignHosts?: string[] | undefined
  /** Leave foreign layers out. */
  noForeign?: boolean | undefined
  /** For the one registry that the request names, and for this run alone. */
  login?: { username: string; password: string } | undefined
  /** PEM files of a certificate that is shown to the one registry that the request names. */
  clientCertificate?: { certFile: string; keyFile: string } | undefined
}

/** Which engine is meant, and how it is reached. */
export interface EngineRequest {
  /** One of them, or the first that answers. */
  engine?: EngineChoice | undefined
  /** A socket or an address; where the engine's own client would look where left out. */
  engineAddress?: string | undefined
  /** Of containerd; `default` where left out. */
  namespace?: string | undefined
}

export interface VersionOptions {
  /** Exact, or with wildcards: the newest of these. */
  requiredVersion?: string | undefined
  /** The oldest that is meant; without a bound where left out. */
  minimumVersion?: string | undefined
  /** The newest that is meant; without a bound where left out. */
  maximumVersion?: string | undefined
  /** All that fit in place of the newest; false where left out. */
  allVersions?: boolean | undefined
}
