import path from 'node:path'
import Conf from 'conf'
import { ContainerImageError } from '../../manifests/index.js'
import { fromSystem } from '../files/system-errors.js'
import type { SourceSetting } from '../requests.js'

/** What the user may set once for all commands. */
export interface SettingsValues {
  /** Folder of the store. */
  store?: string
  /** PEM file of authorities to trust. */
  caFile?: string
  /** `os/architecture` that is meant where none is given. */
  platform?: string
  sources?: SourceSetting[]
}

/** Settings that `config set` takes; sources have commands of their own. */
export const SETTABLE = ['store', 'caFile', 'platform'] as const
export type SettableKey = (typeof SETTABLE)[number]

/** The user's settings, in one JSON file. Opened anew for each command; never used for data. */
export class Settings {
  private readonly conf: Conf<SettingsValues>

  /**
   * @param folder where the file is; CONTAINERIMAGE_CONFIG_DIR, or the system's place for settings
   * @throws SETTINGS_UNREADABLE
   */
  constructor(folder = process.env.CONTAINERIMAGE_CONFIG_DIR) {
    try {
      this.conf = new Conf<SettingsValues>({
        projectName: 'containerimage',
        projectSuffix: '',
        configName: 'settings',
        // Names of internal hosts may stand in it.
        configFileMode: 0o600,
        ...(folder ? { cwd: path.resolve(folder) } : {}),
      })
      this.conf.store
    } catch (error) {
      throw new ContainerImageError(
        'SETTINGS_UNREADABLE',
        `The settings cannot be read: ${(error as Error).message}.`,
        {
          expected: 'a JSON object',
          found: (error as Error).message,
          cause: error,
        },
      )
    }
  }

  get path(): string {
    return this.conf.path
  }

  get<K extends keyof SettingsValues>(key: K): SettingsValues[K] {
    return this.conf.get(key)
  }

  /** @throws SETTINGS_READ_ONLY */
  set<K extends keyof SettingsValues>(key: K, value: SettingsValues[K]): void {
    try {
      if (value === undefined) this.conf.delete(key)
      else this.conf.set(key, value)
    } catch (error) {
      throw readOnly(error, this.path)
    }
  }
}

function readOnly(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return fromSystem(error, `Writing ${file}`)
  return new ContainerImageError(
    'SETTINGS_READ_ONLY',
    `The settings file ${file} cannot be written (${code}).`,
    {
      expected: 'a folder that this user may write',
      found: code,
      cause: error,
    },
  )
}
