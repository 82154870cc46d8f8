import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type Conf from 'conf'
import { ContainerImageError } from '../../manifests/index.js'
import { fromSystem } from '../files/system-errors.js'
import type { RegistryMirrors, SourceSetting } from '../requests.js'
import { wrongValue } from './check-values.js'

/** What the user may set once for all commands. */
export interface SettingsValues {
  /** Folder of the store. */
  store?: string
  /** PEM file of authorities to trust. */
  caFile?: string
  /** `os/architecture` that is meant where none is given. */
  platform?: string
  sources?: SourceSetting[]
  /** By registry: host[:port], `docker.io`, or `*`. */
  mirrors?: Record<string, RegistryMirrors>
}

/** Settings that `config set` takes; sources have commands of their own. */
export const SETTABLE = ['store', 'caFile', 'platform'] as const
/** Their keys are `mirrors.<registry>`. */
export const MIRRORS_KEY = 'mirrors.'
export type SettableKey = (typeof SETTABLE)[number]

/** The user's settings, in one JSON file. Opened anew for each command; never used for data. */
export class Settings {
  private constructor(
    readonly path: string,
    private readonly conf: Conf<SettingsValues> | undefined,
  ) {}

  /**
   * Opens the settings for reading. The library behind them takes longer to load than most commands take to
   * run, so it is loaded only where there is a file.
   * @throws SETTINGS_UNREADABLE
   */
  static async read(folder = settingsFolder(process.platform, process.env)): Promise<Settings> {
    const file = path.join(folder, `${FILE}.json`)
    return new Settings(file, existsSync(file) ? await load(folder) : undefined)
  }

  /** Opens the settings to change them. @throws SETTINGS_UNREADABLE */
  static async change(folder = settingsFolder(process.platform, process.env)): Promise<Settings> {
    return new Settings(path.join(folder, `${FILE}.json`), await load(folder))
  }

  get<K extends keyof SettingsValues>(key: K): SettingsValues[K] | undefined {
    return this.conf?.get(key)
  }

  /** @throws SETTINGS_READ_ONLY */
  set<K extends keyof SettingsValues>(key: K, value: SettingsValues[K]): void {
    try {
      if (value === undefined) this.conf?.delete(key)
      else this.conf?.set(key, value)
    } catch (error) {
      throw readOnly(error, this.path)
    }
  }
}

const FILE = 'settings'

async function load(folder: string): Promise<Conf<SettingsValues>> {
  const { default: ConfClass } = await import('conf')
  try {
    const conf = new ConfClass<SettingsValues>({
      projectName: 'containerimage',
      configName: FILE,
      cwd: folder,
      // Names of internal hosts may stand in it.
      configFileMode: 0o600,
    })
    // Reading it shows at once whether it is whole.
    const wrong = wrongValue(conf.store)
    if (wrong) throw new Error(wrong)
    return conf
  } catch (error) {
    throw new ContainerImageError(
      'SETTINGS_UNREADABLE',
      `The settings cannot be read: ${(error as Error).message}.`,
      {
        expected: 'a JSON object with settings of this program',
        found: (error as Error).message,
        cause: error,
      },
    )
  }
}

/** CONTAINERIMAGE_CONFIG_DIR, else the system's place for a program's settings (XDG; Apple's and Microsoft's guides). */
export function settingsFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (env.CONTAINERIMAGE_CONFIG_DIR) return path.resolve(env.CONTAINERIMAGE_CONFIG_DIR)
  const home = os.homedir()
  if (platform === 'win32')
    return path.join(env.APPDATA || path.join(home, 'AppData', 'Roaming'), 'containerimage')
  if (platform === 'darwin') return path.join(home, 'Library', 'Preferences', 'containerimage')
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'containerimage')
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
