import { ContainerImageError, type Side } from '../../manifests/index.js'

/** An error of the operating system in our words: a full disk, a missing right, a path that is not there. */
export function fromSystem(error: unknown, what: string, side?: Side): unknown {
  if (error instanceof ContainerImageError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const facts = { cause: error, ...(side ? { side } : {}) }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new ContainerImageError('NO_SPACE', `${what}: ${reason(code)}.`, facts)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ContainerImageError('PERMISSION_DENIED', `${what}: ${reason(code)}.`, facts)
    case 'ENOENT':
    case 'ENOTDIR':
      return new ContainerImageError('PATH_NOT_FOUND', `${what}: there is no such file or folder.`, facts)
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return new ContainerImageError('CANNOT_MAKE', `${what}: the device does not answer (${code}).`, {
        ...facts,
        remedy: 'Check that the disk or stick is still connected and healthy, then run the command again.',
      })
    case 'EISDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
    case 'EMFILE':
      return new ContainerImageError('CANNOT_MAKE', `${what}: ${(error as Error).message}.`, facts)
    default:
      return error
  }
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

/** Runs a step and gives its errors of the system our words. */
export async function inWords<T>(what: string, side: Side, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw fromSystem(error, what, side)
  }
}
