/**
 * FAT, exFAT, some network and user-space file systems; and a file that already has as many names as it can
 * have.
 */
const NONE = 'EPERM EACCES ENOTSUP EOPNOTSUPP ENOSYS EMLINK EXDEV EINVAL EISDIR UNKNOWN'.split(' ')

/** Whether `link` failed because the file system gives a file no second name (link(2)). */
export function hasNoSecondNames(error: unknown): boolean {
  return NONE.includes((error as NodeJS.ErrnoException).code ?? '')
}
