import { ContainerImageError } from '../../manifests/index.js'

/** An archive of Node as nodejs.org offers it, for one kind of machine. */
export interface NodeArchive {
  /** `node-v20.19.5-linux-x64.tar.xz`. */
  fileName: string
  /** The one folder in it, `node-v20.19.5-linux-x64`. */
  folder: string
  version: string
  system: 'linux' | 'darwin' | 'win'
  /** As Node names it: `x64`, `arm64`. */
  architecture: string
  format: 'tar.xz' | 'tar.gz' | 'zip'
}

/** The oldest Node that runs the program, as package.json says: major and minor. */
export const OLDEST_NODE = [20, 17] as const

const NAME =
  /^(node-v(\d+)\.(\d+)\.(\d+)-(?:(linux|darwin)-(x64|arm64|armv7l|ppc64le|s390x)|(win)-(x64|x86|arm64)))\.(tar\.xz|tar\.gz|zip)$/

/**
 * Reads the name of an archive of Node: it says what is in it and for which machine.
 * @throws NODE_ARCHIVE_UNKNOWN for other files of Node (sources, headers, installers), and for one that is too old
 */
export function nodeArchive(fileName: string): NodeArchive {
  const [, folder = '', major, minor, patch, unix, unixArchitecture, win, winArchitecture, format] =
    NAME.exec(fileName.toLowerCase()) ?? []
  const system = (unix ?? win) as NodeArchive['system'] | undefined
  if (system === undefined || (system === 'win') !== (format === 'zip'))
    throw unknown(fileName, 'a name such as node-v20.19.5-linux-x64.tar.xz or node-v20.19.5-win-x64.zip')
  if (!isNewEnough(Number(major), Number(minor)))
    throw unknown(fileName, `Node ${OLDEST_NODE.join('.')} or newer`)
  return {
    fileName,
    folder,
    version: `${major}.${minor}.${patch}`,
    system,
    architecture: unixArchitecture ?? winArchitecture ?? '',
    format: format as NodeArchive['format'],
  }
}

function isNewEnough(major: number, minor: number): boolean {
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
}

function unknown(fileName: string, expected: string): ContainerImageError {
  return new ContainerImageError(
    'NODE_ARCHIVE_UNKNOWN',
    `${fileName} is not an archive of Node that can be used.`,
    {
      expected,
      found: fileName,
    },
  )
}
