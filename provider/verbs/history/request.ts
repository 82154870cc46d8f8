import type { CommonOptions } from '../../session/options.js'

export interface HistoryRequest extends CommonOptions {
  /** `name[:tag]`, a digest, or the path of an archive. */
  name: string
  /** `os/architecture`, to choose one of several; PLATFORM_NOT_FOUND if there is none. */
  platform?: string | undefined
}

export type { HistoryStep } from '../../../manifests/index.js'
