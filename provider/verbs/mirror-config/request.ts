import type { CommonOptions } from '../../session/options.js'

/** Engines that configuration can be made for. */
export type MirrorEngine = 'docker' | 'containerd' | 'podman'

export interface MirrorConfigRequest extends CommonOptions {
  /** Whose configuration is to be made. */
  engine: MirrorEngine
  /** Registries, each with mirrors in the settings; all of these where left out. */
  registries?: string[] | undefined
  /** A folder that the files are written below. */
  output?: string | undefined
  /** Overwrite files there. */
  force?: boolean | undefined
}

export interface MirrorConfigResult {
  /** As it was asked for. */
  engine: MirrorEngine
  /** `path` is the file's place on the engine's machine; `copyOf` the file of an authority that it is. */
  files: { path: string; content: string; copyOf?: string }[]
  /** What the settings say and the engine cannot do. */
  limits: string[]
  /** What to do with the files. */
  next: string[]
}
