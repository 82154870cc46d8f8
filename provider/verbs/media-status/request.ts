import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions, SignatureOptions } from '../../session/options.js'

export interface MediaStatusRequest extends CommonOptions, SignatureOptions {
  /** The media, archive or set of volumes that was sent. */
  path: string
  /** Logs of receipts that came back, in addition to those on the media. */
  receipts?: string[] | undefined
}

export interface MediaStatus {
  /** What was sent. */
  images: { name: string; version: string; platform: string; digest: Digest }[]
  /** One entry for each store that sent a receipt. */
  hosts: HostStatus[]
}

/** What one store says about what was sent. */
export interface HostStatus {
  /** The store's own name, which says nothing about the host. */
  store: string
  /** The host's name, if its owner gave one. */
  host?: string
  /** Of its last receipt, ISO 8601. */
  last: string
  /** Each image that was sent, and what happened to it there. */
  images: {
    name: string
    version: string
    digest: Digest
    state: 'delivered' | 'refused' | 'not yet'
    /** Of the receipt with that state, ISO 8601. */
    time?: string
  }[]
}
