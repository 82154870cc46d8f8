import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Where programs are looked for. What is left out is that of this process. */
export interface Surroundings {
  environment?: NodeJS.ProcessEnv | undefined
  platform?: NodeJS.Platform
  isProgram?: (file: string) => boolean
}

/** What Windows starts by itself, and where PATHEXT says nothing, in this order. */
const WINDOWS_ENDINGS = ['.com', '.exe', '.bat', '.cmd']

/**
 * The path of a program that is named by itself or by its full path; undefined where there is none. It is never
 * looked for in the folder that one happens to be in, which may be a stranger's: the systems and shells would, where
 * the PATH has an empty or relative entry, and Windows before all others.
 */
export function findProgram(name: string, surroundings: Surroundings = {}): string | undefined {
  const { environment = process.env, platform = process.platform } = surroundings
  const endings = endingsOf(name, environment, platform)
  // Why one that is named in full cannot be started is told by the system.
  if (isFullPath(name, platform)) return firstOf([name], endings, surroundings.isProgram ?? isFile)
  if (!isPlainName(name)) return undefined
  const { join } = platform === 'win32' ? path.win32 : path.posix
  const files = searched(environment, platform).map((folder) => join(folder, name))
  return firstOf(files, endings, surroundings.isProgram ?? isExecutable)
}

/** The folders of the PATH that mean the same wherever one is. */
export function searched(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const text = variable(environment, 'PATH', platform) ?? ''
  // Windows lets a folder with a semicolon stand in quotes.
  const entries =
    platform === 'win32'
      ? [...text.matchAll(/(?:"[^"]*"?|[^;"])+/g)].map(([entry]) => entry.replaceAll('"', ''))
      : text.split(':')
  return entries.filter((entry) => isFullPath(entry, platform))
}

/** On Windows `\folder` and `C:folder` depend on where one is, too. */
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

/** A variable of the environment, whose names Windows writes as it likes. */
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
