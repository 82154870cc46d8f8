import type { CommonOptions } from '../../session/options.js'

export interface ServeRequest extends CommonOptions {
  /** An archive, a volume of a set, a layout or a media; the store where left out. */
  path?: string | undefined
  /** `host:port`; 127.0.0.1:5000 where left out, port 0 for one that is free. */
  listen?: string | undefined
  /** PEM files, both or neither: with them TLS is spoken. */
  tlsCert?: string | undefined
  /** PEM file of the key that belongs to `tlsCert`. */
  tlsKey?: string | undefined
  /** An htpasswd file with bcrypt hashes; everybody may read where left out. */
  auth?: string | undefined
  /** File of the access log, JSON lines. Without it they go to `onLogLine`. */
  accessLog?: string | undefined
  /** Is given each line of the access log where there is no `accessLog`. */
  onLogLine?: ((line: string) => void) | undefined
  /** How long what is under way may go on after the signal, in milliseconds; 10,000 where left out. */
  graceMs?: number | undefined
  /** Told once, when clients can connect. */
  onListening?: ((serving: ServingPlace) => void) | undefined
  /** Is given the function that opens the log again and reads certificate and key again. */
  onReload?: ((reload: () => void) => void) | undefined
}

/** Where a registry listens. */
export interface ServingPlace {
  /** `http://127.0.0.1:5000`. */
  url: string
  /** The address that it listens on. */
  host: string
  /** The port, also where 0 was asked for. */
  port: number
  /** Whether TLS is spoken. */
  tls: boolean
  /** Whether credentials are asked for. */
  auth: boolean
  /** What is served: the folder or file. */
  path: string
  /** What can be pulled, without tags. */
  repositories: string[]
  /** What `docker pull` takes, for one of the images. */
  example?: string
}

export interface ServeResult {
  /** How many were answered. */
  requests: number
  /** Bytes of bodies that were sent. */
  sentBytes: number
  /** How many requests failed here. */
  failures: number
}
