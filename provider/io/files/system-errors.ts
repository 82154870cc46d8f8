import { ContainerImageError, type Side, systemCode } from '../../../manifests/index.js'
import { NOT_A_FILE } from './regular-file.js'

/** An error of the operating system in our words: a full disk, a missing right, a path that is not there. */
export function fromSystem(error: unknown, what: string, side?: Side): unknown {
  if (error instanceof ContainerImageError) return error
  const code = systemCode(error)
  const facts = { cause: error, side }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new ContainerImageError('NO_SPACE', `${what}: ${reason(code)}.`, facts)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ContainerImageError('PERMISSION_DENIED', `${what}: ${reason(code)}.`, {
        ...facts,
        ...(side === 'source'
          ? { remedy: 'Run as a user who may read it, or have its owner allow that.' }
          : {}),
      })
    case 'ENOTDIR':
      return new ContainerImageError(
        'PATH_NOT_FOUND',
        `${what}: it, or a part of its path, is a file and not a folder.`,
        { ...facts, expected: 'a folder', found: 'a file' },
      )
    case 'ENOENT':
      return new ContainerImageError('PATH_NOT_FOUND', `${what}: there is no such file or folder.`, facts)
    case 'ELOOP':
      return new ContainerImageError('PATH_NOT_FOUND', `${what}: links lead round in a circle.`, facts)
    case NOT_A_FILE:
      return new ContainerImageError('NOT_A_FILE', `${what}: it is ${(error as Error).message}.`, {
        ...facts,
        expected: 'a regular file',
        found: (error as Error).message,
      })
    case 'ESPIPE':
      return new ContainerImageError('NOT_A_FILE', `${what}: it can only be read from its beginning.`, {
        ...facts,
        expected: 'a regular file',
        found: 'a pipe, a socket or a device',
      })
    case 'EAGAIN':
    case 'EBUSY':
    case 'ETXTBSY':
      return new ContainerImageError('CANNOT_MAKE', `${what}: another program is using it (${code}).`, {
        ...facts,
        remedy: 'Run the command again when the other program has ended.',
      })
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
    case 'EREMOTEIO':
    case 'ENOTCONN':
      return new ContainerImageError('CANNOT_MAKE', `${what}: the device does not answer (${code}).`, {
        ...facts,
        remedy: 'Check that the disk or stick is still connected and healthy, then run the command again.',
      })
    case 'EMFILE':
    case 'ENFILE':
      return new ContainerImageError('CANNOT_MAKE', `${what}: too many files are open (${code}).`, {
        ...facts,
        remedy: 'Allow more of them, such as with `ulimit -n 1024`; of volumes, make fewer and larger ones.',
      })
    case 'UNKNOWN':
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EPIPE':
      if (!isOfFile(error)) return error
      return new ContainerImageError(
        'CANNOT_MAKE',
        `${what}: the drive or share does not answer (${code}).`,
        {
          ...facts,
          remedy:
            'Check that the drive is still connected, or that the share and its server can be reached, then run the command again.',
        },
      )
    case 'EISDIR':
      return new ContainerImageError('CANNOT_MAKE', `${what}: ${FAULTS[code]} (${code}).`, {
        ...facts,
        remedy: 'Choose another name if a folder is there, or another disk if not.',
      })
    case 'NOT_PORTABLE':
      return new ContainerImageError('CANNOT_MAKE', `${what}: ${(error as Error).message}.`, {
        ...facts,
        expected: 'a name that is not a device, without < > : " | ? * and without a dot or blank at its end',
        remedy: 'Choose another name.',
      })
    case 'IN_THE_WAY':
      return new ContainerImageError('IN_THE_WAY', `${(error as Error).message}.`, {
        ...facts,
        expected: 'nothing, or what an earlier run left',
      })
    default:
      return otherFault(error, code ?? '', what, facts)
  }
}

/** Errors without a remedy of their own; codes that connections have as well count only for files. */
function otherFault(
  error: unknown,
  code: string,
  what: string,
  facts: { cause: unknown; side: Side | undefined },
): unknown {
  const words = FAULTS[code]
  if (words !== undefined && (!OF_CONNECTIONS.has(code) || isOfFile(error)))
    return new ContainerImageError('CANNOT_MAKE', `${what}: ${words} (${code}).`, facts)
  return isAboutPath(error)
    ? new ContainerImageError('CANNOT_MAKE', `${what}: ${(error as Error).message}.`, facts)
    : error
}

const CANNOT = 'the file system cannot do that'
/** Windows says EISDIR for whatever a file system does not know (ERROR_INVALID_FUNCTION). */
const FAULTS: Record<string, string> = {
  ECHARSET: 'the file system does not take the characters of this name',
  EEXIST: 'something of this name is there already',
  EILSEQ: 'the file system does not take the characters of this name',
  EINVAL: 'the system does not take this name or value',
  EISDIR: 'it is a folder, or the file system cannot do that',
  EMLINK: 'it has too many names',
  ENAMETOOLONG: 'the name is too long',
  ENOMEM: 'the system has no memory left',
  ENOSYS: CANNOT,
  ENOTEMPTY: 'the folder is not empty',
  ENOTSUP: CANNOT,
  EOF: 'it ends too early',
  EOPNOTSUPP: CANNOT,
  ESTALE: 'the share has lost the file',
  EXDEV: 'it lies on another file system',
}
const OF_CONNECTIONS = new Set(['EINVAL', 'ENOMEM', 'ENOSYS', 'ENOTSUP', 'EOF', 'EOPNOTSUPP', 'ECHARSET'])

/**
 * Whether an error is about a file, and not about a connection, which has the same codes: for files Node
 * begins the message with the code (UVException), for connections with the call. libuv says UNKNOWN for a
 * drive that is not ready, a stick that was pulled out and a share that is not found (ERROR_NOT_READY,
 * ERROR_DEVICE_NOT_CONNECTED, ERROR_BAD_NETPATH), and when a share goes away it gives the codes of its
 * connection.
 */
function isOfFile(error: unknown): boolean {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  return syscall !== undefined && message.startsWith(`${code}: `)
}

/**
 * A system error that none of the cases above covers, and not a bug in the program: the system names the
 * file.
 */
function isAboutPath(error: unknown): boolean {
  const { syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  return typeof path === 'string' && syscall !== undefined && /^E[A-Z0-9]+$/.test(systemCode(error) ?? '')
}

function reason(code: string): string {
  const words: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the quota is used up',
    EFBIG: 'the file system does not hold files of this size',
    EACCES: 'access is denied',
    EPERM: 'it is not permitted',
    EROFS: 'the file system is read-only',
  }
  return words[code] ?? code
}

/** What a system call was meant to do. */
const DOING: Record<string, string> = {
  chmod: 'Changing the permissions of',
  close: 'Writing',
  copyfile: 'Copying',
  fchmod: 'Changing the permissions of',
  fdatasync: 'Writing',
  fstat: 'Reading',
  fsync: 'Writing',
  ftruncate: 'Writing',
  futime: 'Changing the times of',
  link: 'Linking',
  lstat: 'Reading',
  lutime: 'Changing the times of',
  mkdir: 'Making',
  mkdtemp: 'Making',
  open: 'Opening',
  readlink: 'Reading',
  realpath: 'Reading',
  rename: 'Renaming',
  rm: 'Removing',
  rmdir: 'Removing',
  scandir: 'Reading',
  stat: 'Reading',
  symlink: 'Linking',
  unlink: 'Removing',
  utime: 'Changing the times of',
  // Sockets have it, too: errors that files do not have are left as they are.
  read: 'Reading',
  write: 'Writing',
}

/**
 * A system error about a file in our words, based on what the system says about it: for steps too small to
 * have their own wording, most of which clean up.
 */
export function fromFileSystem(error: unknown): unknown {
  const { syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  const doing = DOING[syscall ?? '']
  const isOfFile = doing !== undefined || (syscall !== undefined && path !== undefined)
  return isOfFile ? fromSystem(error, `${doing ?? 'Using'} ${path ?? 'a file'}`) : error
}

/** Runs a step and gives its errors of the system our words. */
export async function inWords<T>(what: string, side: Side, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw fromSystem(error, what, side)
  }
}
