import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'

/** The characters of an argument that cmd.exe takes literally. */
const PLAIN = /^[A-Za-z0-9#$*+\-./:?@\\_]+$/

/** Whether Windows needs cmd.exe to run a program. */
export function isBatchFile(file: string): boolean {
  return /\.(bat|cmd)$/i.test(file)
}

/** The system's cmd.exe, and no other that the PATH or a variable may name. */
export function shellOf(environment: NodeJS.ProcessEnv): string {
  const root = Object.entries(environment).find(([name]) => name.toUpperCase() === 'SYSTEMROOT')?.[1]
  return path.win32.join(root || 'C:\\Windows', 'System32', 'cmd.exe')
}

/**
 * What cmd.exe is told so that a batch file gets just these arguments, whatever they hold: quoted as the standard
 * library of Rust does since CVE-2024-24576.
 * @throws USAGE for arguments that no quoting keeps together
 */
export function batchCommand(file: string, args: readonly string[]): string {
  const words = [file, ...args]
  const lost = words.find((word) => /[\0\r\n]/.test(word))
  if (lost !== undefined || /["%]/.test(file))
    throw new ContainerImageError('USAGE', `${file} cannot be started with these arguments.`, {
      expected: 'a path without " and %, and arguments of one line each',
      found: JSON.stringify(lost ?? file),
      remedy: 'Name a program that is not a batch file, or rename what the arguments name.',
    })
  // With extensions, which escaping % needs, without delayed expansion, and without autorun.
  return `/e:ON /v:OFF /d /c "${[`"${file}"`, ...args.map(quoted)].join(' ')}"`
}

function quoted(word: string): string {
  const inner = word
    .replace(/(\\*)"/g, '$1$1""')
    // An empty substring of a variable that always exists: what follows is then no longer read as a variable.
    .replaceAll('%', '%%cd:~,%')
  if (PLAIN.test(word) && !word.endsWith('\\')) return inner
  return `"${inner.replace(/(\\+)$/, '$1$1')}"`
}
