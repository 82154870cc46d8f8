import type { EngineChoice } from '../engine/open-engine.js'
import type { OnProgress } from '../io/progress.js'

/** What every verb of the library takes. */
export interface CommonOptions {
  /** Folder of the store; default: CONTAINERIMAGE_STORE, then the settings, then the user's data folder. */
  store?: string | undefined
  /** Stops the work, which then throws INTERRUPTED; default: nothing stops it. */
  signal?: AbortSignal | undefined
  /** Called with progress and notes; default: none. */
  onProgress?: OnProgress | undefined
  /** Say what would happen, but change nothing. */
  whatIf?: boolean | undefined
  /** What `-` among paths means; default: no standard input. */
  stdin?: Stdin | undefined
  /** Files of identities as age-keygen writes them, which open encrypted files; default: none, and ENCRYPTED. */
  identity?: readonly string[] | undefined
}

/** The bytes of standard input. */
export type Stdin = AsyncIterable<Uint8Array | string>

/** How to reach registries and URLs. */
export interface NetworkOptions {
  /** PEM file of authorities to trust besides the system's. */
  caFile?: string | undefined
  /** Allow plain http to hosts other than this machine. */
  insecure?: boolean | undefined
  /** Hosts from which foreign layers may be fetched besides the built-in ones. */
  allowForeignHosts?: string[] | undefined
  /** Leave foreign layers out. */
  noForeign?: boolean | undefined
  /** For the one registry that the request names, and for this run only. */
  login?: { username: string; password: string } | undefined
  /** PEM files of a certificate to show to the one registry that the request names. */
  clientCertificate?: { certFile: string; keyFile: string } | undefined
}

/** Which signatures a media, an archive or a set of volumes must have to be taken. */
export interface SignatureOptions {
  /**
   * By how many trusted keys it must be signed; default: 1 if a key is trusted, otherwise nothing is checked.
   * USAGE
   */
  requireSignatures?: number | undefined
  /** The keys that count instead of the trusted ones: paths of files, or their lines. */
  signedBy?: readonly string[] | undefined
}

/** Which keys sign what is written. */
export interface SigningOptions {
  /** Paths of secret keys, in minisign's files. */
  sign?: readonly string[] | undefined
  /** Called for the passphrase of a key, by its path; undefined if nobody can give it. */
  passphrase?: ((file: string) => Promise<string | undefined>) | undefined
}

/** How to treat signatures, attestations and anything else that refers to an image. */
export interface ReferrersOptions {
  /** Take the image alone, and do not ask for them. */
  noReferrers?: boolean | undefined
  /** Those that cannot be fetched are an error; default: they are left out with a note. */
  requireReferrers?: boolean | undefined
}

/** What an image has to show before it is accepted. */
export interface PolicyOptions {
  /**
   * File with a policy, in the shape of containers-policy.json(5) or in our own; default: the one in the
   * settings, or else none.
   */
  policy?: string | undefined
}

/** Which engine, and how it is reached. */
export interface EngineRequest {
  /** One of them, or the first that answers. */
  engine?: EngineChoice | undefined
  /** A socket or an address; default: where the engine's own client looks. */
  engineAddress?: string | undefined
  /** containerd only; default: `default`. */
  namespace?: string | undefined
}

export interface VersionOptions {
  /** Exact, or with wildcards: the newest that matches. */
  requiredVersion?: string | undefined
  /** The oldest that is accepted; default: no bound. */
  minimumVersion?: string | undefined
  /** The newest that is accepted; default: no bound. */
  maximumVersion?: string | undefined
  /** All that match, not only the newest; default: false. */
  allVersions?: boolean | undefined
  /** How many of the newest that match; default: one. */
  newest?: number | undefined
  /** Versions that are never meant, exact or with wildcards. */
  exclude?: readonly string[] | undefined
}
