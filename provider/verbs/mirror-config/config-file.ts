import type { Mirror, Places } from '../../registry/mirrors.js'

/** A registry with the mirrors that are asked for its content. */
export interface MirroredRegistry extends Places {
  /** host[:port], `docker.io`, or `*`. */
  registry: string
}

/** A file of an engine's configuration. */
export interface ConfigFile {
  /** Where it belongs on the engine's machine. */
  path: string
  /** The file's text; or the file that it is a copy of. */
  content: { text: string } | { copyOf: string }
}

/** What makes an engine use the mirrors. */
export interface EngineConfig {
  files: ConfigFile[]
  /** What the settings ask for but the engine cannot do. */
  limits: string[]
  /** What to do with the files. */
  next: string[]
}

/** Whether an engine has to be told to accept a certificate that it cannot check. */
export function isInsecure({ origin, setting }: Mirror): boolean {
  return origin.protocol === 'http:' || setting.skipVerify === true
}

/** A text as both TOML and JSON write it: JSON's escapes are also TOML's (TOML 1.0, "String"). */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

/** A registry's name in a sentence. */
export function nameOf(registry: string): string {
  return registry === '*' ? 'every registry' : registry
}
