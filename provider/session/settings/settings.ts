import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type Conf from 'conf'
import { ContainerImageError } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { lostLink } from '../../io/files/lost-link.js'
import { readUserFileSync, userFileThere } from '../../io/files/read-user-file.js'
import { removePathSync } from '../../io/files/rename-and-remove.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { RegistryMirrors } from '../../registry/mirror-setting.js'
import { wrongValue } from './check-values.js'
import type { SourceSetting } from './source-setting.js'
import type { TrustSetting } from './trust-setting.js'

/** What the user may set once and for all commands. */
export interface SettingsValues {
  /** Folder of the store. */
  store?: string
  /** PEM file of authorities to trust. */
  caFile?: string
  /** `os/architecture` that is meant where none is given. */
  platform?: string
  /** What `database update` fetches: URLs and publishers' words, with spaces or commas between them. */
  advisories?: string
  /** The gate program, with `{}` for the folder. */
  gate?: string
  /** File with the policy that images have to meet. */
  policy?: string
  sources?: SourceSetting[]
  /** Whose signatures count; while there is none, nothing is checked. */
  trust?: TrustSetting[]
  /** By registry: host[:port], `docker.io`, or `*`. */
  mirrors?: Record<string, RegistryMirrors>
  /** By registry: host[:port], or `docker.io`. */
  registries?: Record<string, RegistrySetting>
}

/** Settings for one registry. */
export interface RegistrySetting {
  /** The URL of its token service, which may get its credentials. */
  realm?: string
}

/** Settings that `config set` takes; sources have commands of their own. */
export const SETTABLE = ['store', 'caFile', 'platform', 'advisories', 'gate', 'policy'] as const
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
    return new Settings(file, existsSync(file) || lostLink(file) ? await load(folder) : undefined)
  }

  /** Opens the settings to change them. @throws SETTINGS_UNREADABLE, SETTINGS_READ_ONLY */
  static async change(folder = settingsFolder(process.platform, process.env)): Promise<Settings> {
    const file = path.join(folder, `${FILE}.json`)
    // The library would make it as open as the umask is.
    await makeFolder(folder, 0o700).catch((error) => {
      // If something is in the way, reading the file will show it.
      if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR' && !lostLink(file)) throw readOnly(error, file)
    })
    return new Settings(file, await load(folder))
  }

  /** @throws NO_SPACE, SETTINGS_READ_ONLY: the library creates the folder even for reading */
  get<K extends keyof SettingsValues>(key: K): SettingsValues[K] | undefined {
    try {
      return this.conf?.get(key)
    } catch (error) {
      throw readOnly(error, this.path)
    }
  }

  /**
   * Changes a setting. The library is not asked to: it writes once, and on a disk that takes a part of that it gives the torn
   * file its name, and all settings are lost.
   * @throws NO_SPACE, SETTINGS_READ_ONLY
   */
  async set<K extends keyof SettingsValues>(key: K, value: SettingsValues[K]): Promise<void> {
    removeLeftovers(this.path)
    try {
      const { [key]: _, ...others } = this.conf?.store ?? {}
      const now = value === undefined ? others : { ...others, [key]: value }
      await replaceUserFile(this.path, Buffer.from(JSON.stringify(now, undefined, '\t')))
    } catch (error) {
      throw readOnly(error, this.path)
    }
  }
}

/** Behind a link where the user has made one, and still theirs where an administrator changes it for them. */
async function replaceUserFile(file: string, bytes: Uint8Array): Promise<void> {
  const real = await realpath(file).catch(() => file)
  const owner = process.getuid?.() === 0 ? await stat(real).catch(() => undefined) : undefined
  await replaceFile(real, bytes, { mode: 0o600, owner })
}

const FILE = 'settings'

async function load(folder: string): Promise<Conf<SettingsValues>> {
  const file = path.join(folder, `${FILE}.json`)
  const { default: ConfClass } = await import('conf')
  try {
    // The library reads whatever is there, however long that takes.
    const bytes = await userFileThere(file)
    // It treats a text as a list of letters, and copies it for each of them.
    const wrongFile = wrongKind(bytes)
    if (wrongFile) throw new Error(wrongFile)
    const conf = new ConfClass<SettingsValues>({
      projectName: 'containerimage',
      configName: FILE,
      cwd: folder,
      // It may contain names of internal hosts.
      configFileMode: 0o600,
      // It has already read the file as UTF-8, which it may not be.
      deserialize: (text) => (isPlain(text) ? parsed(text) : parsedAnew(file)),
    })
    // Reading it shows at once whether it is intact.
    const wrong = wrongValue(conf.store)
    if (wrong) throw new Error(wrong)
    return conf
  } catch (error) {
    throw new ContainerImageError(
      'SETTINGS_UNREADABLE',
      `The settings in ${file} cannot be read: ${(error as Error).message.replace(/\.$/, '')}.`,
      {
        expected: 'a JSON object with settings of this program',
        found: (error as Error).message,
        remedy: `Repair ${file}, or remove it: then there are none of your settings and sources, and no key is trusted.`,
        details: { path: file },
        cause: error,
      },
    )
  }
}

/** What is quoted by the parser's own complaint may be a part of a password. */
function parsed(text: string): SettingsValues {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error((error as Error).message.replace(/, (\.\.\.)?".*$/s, ' where JSON has none'))
  }
}

/** Not what results from a byte order mark, or from UTF-16 that was read as UTF-8. */
function isPlain(text: string): boolean {
  return !/[\ufffd\ufeff]/.test(text.slice(0, 2))
}

function parsedAnew(file: string): SettingsValues {
  return parsed(readUserFileSync(file).toString('utf8'))
}

/** The library treats anything but an object as no settings at all. */
function wrongKind(bytes: Buffer | undefined): string | undefined {
  const value: unknown = bytes && parsed(bytes.toString('utf8'))
  if (value === undefined || (value !== null && typeof value === 'object' && !Array.isArray(value)))
    return undefined
  return `it holds ${Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`}, and no object`
}

/** The file that holds the settings, whatever is in it. */
export function settingsFile(): string {
  return path.join(settingsFolder(process.platform, process.env), `${FILE}.json`)
}

/** CONTAINERIMAGE_CONFIG_DIR, else the system's place for a program's settings (XDG; Apple's and Microsoft's guides). */
function settingsFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (env.CONTAINERIMAGE_CONFIG_DIR) return path.resolve(env.CONTAINERIMAGE_CONFIG_DIR)
  const home = os.homedir()
  if (platform === 'win32')
    return path.join(env.APPDATA || path.join(home, 'AppData', 'Roaming'), 'containerimage')
  if (platform === 'darwin') return path.join(home, 'Library', 'Preferences', 'containerimage')
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'containerimage')
}

/** The library's name for a file that it is going to rename: the one that it replaces, a time, and six random digits. */
const NOT_RENAMED = /\.tmp-\d{10}[0-9a-f]{6}$/
/** Such a file lives for moments. */
const YOUNG_MS = 60_000

/** Removes drafts of the settings left by processes that were killed before renaming them. */
function removeLeftovers(file: string): void {
  const folder = path.dirname(file)
  try {
    for (const name of readdirSync(folder)) {
      const place = path.join(folder, name)
      if (!name.startsWith(path.basename(file)) || !NOT_RENAMED.test(name)) continue
      if (Date.now() - lstatSync(place).mtimeMs > YOUNG_MS) removePathSync(place)
    }
  } catch {
    // It stands in nobody's way.
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
