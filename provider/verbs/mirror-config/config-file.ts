import type { Mirror, Places } from '../../registry/mirrors.js'

/** A registry with those who are asked for what it has. */
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

/** What makes an engine ask the mirrors. */
export interface EngineConfig {
  files: ConfigFile[]
  /** What the settings say and the engine cannot do. */
  limits: string[]
  /** What to do with the files. */
  next: string[]
}

/** Whether an engine has to be told to do without a certificate that it can check. */
export function isInsecure({ origin, setting }: Mirror): boolean {
  return origin.protocol === 'http:' || setting.skipVerify === true
}

/** A text as TOML and JSON write it alike: JSON's escapes are TOML's (TOML 1.0, "String"). */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

/** A registry's name for a sentence. */
export function nameOf(registry: string): string {
  return registry === '*' ? 'every registry' : registry
}
