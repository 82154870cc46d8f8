import { lstatSync } from 'node:fs'
import type { Answer } from '../windows.js'

/** MoveFileExW replaces nothing that is read-only ("Remarks": ERROR_ACCESS_DENIED). A link is replaced itself. */
export const KEEPS_READ_ONLY: Answer = (_, to) => {
  const there = lstatSync(to, { throwIfNoEntry: false })
  return there?.isFile() && (there.mode & 0o222) === 0 ? 'EPERM' : undefined
}

/** CreateSymbolicLinkW needs SeCreateSymbolicLinkPrivilege, which users do not have; a junction needs none. */
export const NEEDS_PRIVILEGE: Answer = (_, __, kind) => (kind === 'junction' ? undefined : 'EPERM')

/**
 * What lies on a stick that was pulled: libuv has no name for ERROR_NOT_READY, ERROR_DEVICE_NOT_CONNECTED and
 * ERROR_FILE_INVALID.
 */
export function pulled(stick: string): Answer {
  return (file) => (file.startsWith(stick) ? 'UNKNOWN' : undefined)
}
