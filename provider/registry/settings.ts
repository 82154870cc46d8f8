import type { Digest } from '../../manifests/index.js'
import type { AllowanceKind, KindBounds } from './allowance.js'
import type { ClientCertificate } from './client-certificate.js'
import type { DocumentsMemory } from './documents-memory.js'
import type { RegistryMirrors } from './mirror-setting.js'

/** How long to wait, each in milliseconds. */
export interface Timeouts {
  /** For a connection, with its TLS handshake. */
  connect: number
  /** From the request to the head of the answer. */
  headers: number
  /** While a body is wanted and nothing of it comes. */
  bodyIdle: number
}

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Further attempts after the first, as long as nothing moves between them. */
  retries: number
  /** The first pause in milliseconds; each further one is twice as long. */
  pause: number
  /** The longest pause in milliseconds; also the longest Retry-After that is waited for. */
  longestPause: number
}

export interface ClientOptions {
  /** PEM file of authorities that are trusted beside the system's. */
  caFile?: string
  /** Plain http is allowed to hosts other than this machine. */
  insecure?: boolean
  /** Where proxies and the places of credentials are read from; default: the process's own. */
  environment?: NodeJS.ProcessEnv
  /** A file like docker's config.json, to be used instead of those that docker and podman would use. */
  dockerConfig?: string
  timeouts?: Partial<Timeouts>
  retry?: Partial<RetryPolicy>
  /** What documents, lists and tokens may take; see BOUNDS. */
  bounds?: Partial<Record<AllowanceKind, KindBounds>>
  /** Takes a line for the reader, such as a retry. */
  onNote?: (message: string) => void
  /** Hosts from which foreign layers may be fetched beside the built-in ones; `*.example.org` for all below. */
  allowForeignHosts?: string[]
  /** Credentials for one registry, which are used for it in the place of those that are kept. */
  login?: { registry: string; username: string; password: string }
  /** By registry: the URL of the token service that may get its credentials, beside those that belong to it. */
  realms?: Record<string, string>
  /** The user's own certificate, for one registry. */
  clientCertificate?: ClientCertificate & { registry: string }
  /** Mirrors by registry: host[:port], `docker.io`, or `*` for all that have none of their own. */
  mirrors?: Record<string, RegistryMirrors>
  /** Foreign layers are not fetched from their URLs. */
  noForeign?: boolean
  /** A document that is on this machine already, verified; nobody is asked for it then. `limit` is in bytes. */
  here?: (digest: Digest, limit: number) => Promise<Uint8Array | undefined>
  /** What earlier runs had: a tag is asked by HEAD whether it still names that, and then nothing is fetched. */
  memory?: DocumentsMemory
  /** Signatures and other referrers that cannot be had are an error, where they otherwise are left out with a note. */
  requireReferrers?: boolean
}

export const DEFAULT_TIMEOUTS: Timeouts = { connect: 10_000, headers: 30_000, bodyIdle: 60_000 }
export const DEFAULT_RETRY: RetryPolicy = { retries: 5, pause: 500, longestPause: 60_000 }

/** For what can be done without, such as a list of signatures; in milliseconds. */
export const BRIEF = { retries: 1, longestPause: 2_000, answer: 10_000 }
