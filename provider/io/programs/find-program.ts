import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Where programs are looked for. Anything left out is taken from this process. */
export interface Surroundings {
  environment?: NodeJS.ProcessEnv | undefined
  platform?: NodeJS.Platform
  isProgram?: (file: string) => boolean
}

/** What Windows starts by itself, in this order; used if PATHEXT says nothing. */
const WINDOWS_ENDINGS = ['.com', '.exe', '.bat', '.cmd']

/**
 * The path of a program that is named by itself or by its full path; undefined where there is none. It is
 * never looked for in the current folder, which may be a stranger's: systems and shells would do that if the
 * PATH has an empty or relative entry, and Windows does it first of all.
 */
export function findProgram(name: string, surroundings: Surroundings = {}): string | undefined {
  const { environment = process.env, platform = process.platform } = surroundings
  const endings = endingsOf(name, environment, platform)
  // If a program given by its full path cannot be started, the system says why.
  if (isFullPath(name, platform)) return firstOf([name], endings, surroundings.isProgram ?? isFile)
  if (!isPlainName(name)) return undefined
  const { join } = platform === 'win32' ? path.win32 : path.posix
  const files = searched(environment, platform).map((folder) => join(folder, name))
  return firstOf(files, endings, surroundings.isProgram ?? isExecutable)
}

/** The folders of the PATH that do not depend on the current folder. */
export function searched(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const text = variable(environment, 'PATH', platform) ?? ''
  // Windows allows a folder with a semicolon in quotes.
  const entries =
    platform === 'win32'
      ? [...text.matchAll(/(?:"[^"]*"?|[^;"])+/g)].map(([entry]) => entry.replaceAll('"', ''))
      : text.split(':')
  return entries.filter((entry) => isFullPath(entry, platform))
}

/** On Windows `\folder` and `C:folder` depend on the current folder, too. */
function isFullPath(text: string, platform: NodeJS.Platform): boolean {
  return platform === 'win32' ? /^([A-Za-z]:[\\/]|\\\\)/.test(text) : text.startsWith('/')
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/:]/.test(name)
}

function endingsOf(name: string, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return ['']
  const said = (variable(environment, 'PATHEXT', platform) ?? '').toLowerCase().split(';')
  const startable = said.filter((ending) => WINDOWS_ENDINGS.includes(ending))
  const endings = startable.length > 0 ? startable : WINDOWS_ENDINGS
  return WINDOWS_ENDINGS.includes(path.win32.extname(name).toLowerCase()) ? ['', ...endings] : endings
}

/** An environment variable; on Windows their names may be in any case. */
function variable(
  environment: NodeJS.ProcessEnv,
  name: string,
  platform: NodeJS.Platform,
): string | undefined {
  if (platform !== 'win32') return environment[name]
  const key = Object.keys(environment).find((one) => one.toUpperCase() === name)
  return key === undefined ? undefined : environment[key]
}

function firstOf(
  files: string[],
  endings: string[],
  isProgram: (file: string) => boolean,
): string | undefined {
  return files.flatMap((file) => endings.map((ending) => file + ending)).find(isProgram)
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return isFile(file)
  } catch {
    return false
  }
}
