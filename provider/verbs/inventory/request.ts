import type { Inventory } from '../../../manifests/index.js'
import type { CommonOptions, EngineRequest, SigningOptions } from '../../session/options.js'

export interface InventoryRequest extends CommonOptions, EngineRequest, SigningOptions {
  /** Name of this host in it; default: none. */
  host?: string | undefined
  /** Write it to this file. */
  path?: string | undefined
  /** Overwrite the file. */
  force?: boolean | undefined
}

export interface InventoryResult {
  /** The document itself. */
  inventory: Inventory
  /** Where it was written. */
  path?: string
  /** In bytes. */
  size: number
  /** The signatures of that file, and the keys as minisign prints them. */
  signatures?: { path: string; keyId: string }[]
}
