import type { CommonOptions, PolicyOptions, SignatureOptions } from '../../session/options.js'

export interface ServeRequest extends CommonOptions, SignatureOptions, PolicyOptions {
  /** An archive, a volume of a set, a layout or a media; default: the store. */
  path?: string | undefined
  /** `host:port`; default: 127.0.0.1:5000; port 0 picks a free one. */
  listen?: string | undefined
  /** PEM file of the certificate; with `tlsKey` it turns TLS on. Give both or neither. */
  tlsCert?: string | undefined
  /** PEM file of the key that belongs to `tlsCert`. */
  tlsKey?: string | undefined
  /** An htpasswd file with bcrypt hashes; default: everybody may read. */
  auth?: string | undefined
  /** File of the access log, as JSON lines. Without it they go to `onLogLine`. */
  accessLog?: string | undefined
  /** Called with each line of the access log if there is no `accessLog`. */
  onLogLine?: ((line: string) => void) | undefined
  /** How long running downloads may go on after the signal, in milliseconds; default: 10,000. */
  graceMs?: number | undefined
  /** Called once, when clients can connect. */
  onListening?: ((serving: ServingPlace) => void) | undefined
  /** Called with a function that reopens the log and rereads the certificate and the key. */
  onReload?: ((reload: () => void) => void) | undefined
}

/** Where a registry listens. */
export interface ServingPlace {
  /** `http://127.0.0.1:5000`. */
  url: string
  /** The address that it listens on. */
  host: string
  /** The actual port, even if 0 was requested. */
  port: number
  /** Whether TLS is used. */
  tls: boolean
  /** Whether credentials are required. */
  auth: boolean
  /** The folder or file that is served. */
  path: string
  /** What can be pulled, without tags. */
  repositories: string[]
  /** What `docker pull` takes, for one of the images. */
  example?: string
}

export interface ServeResult {
  /** How many requests were answered. */
  requests: number
  /** Bytes of bodies that were sent. */
  sentBytes: number
  /** How many requests failed here. */
  failures: number
}
