import type { CommonOptions } from '../../session/options.js'

/** Engines that configuration can be made for. */
export type MirrorEngine = 'docker' | 'containerd' | 'podman'

export interface MirrorConfigRequest extends CommonOptions {
  /** The engine to make the configuration for. */
  engine: MirrorEngine
  /** Registries, each with mirrors in the settings; default: all of them. */
  registries?: string[] | undefined
  /** The folder below which the files are written. */
  output?: string | undefined
  /** Overwrite files there. */
  force?: boolean | undefined
}

export interface MirrorConfigResult {
  /** As it was asked for. */
  engine: MirrorEngine
  /**
   * `path` is the file's path on the engine's machine; `copyOf` is the authority's file that it is a copy of.
   * `written` is where it was written below `output`, if no name there can have a colon.
   */
  files: { path: string; content: string; copyOf?: string; written?: string }[]
  /** What the settings ask for but the engine cannot do. */
  limits: string[]
  /** What to do with the files. */
  next: string[]
}
