import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { ContainerImageError } from '../../../manifests/index.js'
import { batchCommand, isBatchFile, shellOf } from './batch-file.js'
import { findProgram, searched } from './find-program.js'

export type StartOptions = Omit<SpawnOptions, 'shell' | 'argv0' | 'windowsVerbatimArguments'>

/** How a program is started: what `spawn` is given. */
export interface Start {
  file: string
  args: string[]
  options: SpawnOptions
}

/**
 * Starts a program that is given by name, to be found on the PATH, or by its full path. The only place that
 * starts any.
 * @throws PROGRAM_MISSING
 */
export function startProgram(
  name: string,
  args: readonly string[],
  { env: environment = process.env, ...options }: StartOptions = {},
): ChildProcess {
  const start = startOf(programNamed(name, environment), args, environment, process.platform)
  return spawn(start.file, start.args, { windowsHide: true, ...options, ...start.options })
}

/** Where a program is that is to be started. @throws PROGRAM_MISSING */
export function programNamed(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const found = findProgram(name, { environment })
  if (found === undefined) throw programMissing(name)
  return found
}

/** The same for any system. @throws USAGE for arguments that a batch file cannot be given */
export function startOf(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Start {
  const options = { env: childEnvironment(environment, platform), shell: false }
  if (platform !== 'win32' || !isBatchFile(file)) return { file, args: [...args], options }
  return {
    file: shellOf(environment),
    args: [batchCommand(file, args)],
    options: { ...options, argv0: 'cmd.exe', windowsVerbatimArguments: true },
  }
}

/** Programs that it starts in turn do not come from the current folder either. */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): NodeJS.ProcessEnv {
  const isWindows = platform === 'win32'
  const folders = searched(environment, platform)
  const isPath = (name: string): boolean => (isWindows ? name.toUpperCase() : name) === 'PATH'
  const others = Object.entries(environment).filter(([name]) => !isPath(name))
  return {
    ...Object.fromEntries(others),
    // An empty one would be the current folder.
    ...(folders.length > 0 ? { PATH: folders.map(inPath).join(isWindows ? ';' : ':') } : {}),
    ...(isWindows ? { NoDefaultCurrentDirectoryInExePath: '1' } : {}),
  }

  function inPath(folder: string): string {
    return isWindows && folder.includes(';') ? `"${folder}"` : folder
  }
}

function programMissing(name: string): ContainerImageError {
  return new ContainerImageError('PROGRAM_MISSING', `There is no program ${name} here.`, {
    expected: `${name} in a folder that the PATH names in full, or the full path of a program`,
    found: 'nothing',
    remedy: `Install ${name}, or put its folder on the PATH; the current folder is never searched.`,
  })
}
