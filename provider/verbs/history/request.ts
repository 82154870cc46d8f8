import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface HistoryRequest extends CommonOptions, NetworkOptions {
  /** `name[:tag]`, a digest, the path of an archive, or a full reference, which means its registry if it is not installed. */
  name: string
  /** `os/architecture`, to choose one of several; PLATFORM_NOT_FOUND if there is none. */
  platform?: string | undefined
  /** Look in the registry, even if it is installed, and for a name in the catalog. */
  remote?: boolean | undefined
}

export type { HistoryStep } from '../../../manifests/index.js'
