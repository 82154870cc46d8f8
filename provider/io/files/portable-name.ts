import { codedError } from '../coded-error.js'

/** Names that Windows gives to devices, with or without an ending or blanks (Go CVE-2023-45284, Node CVE-2025-23084). */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\..*)?$/i

/**
 * Whether Windows can have a file of this name, whose parts are divided by slashes: no device, no stream,
 * nothing that it trims.
 */
export function isPortable(name: string): boolean {
  return !name
    .split('/')
    .some((part) => DEVICES.test(part.trimEnd()) || /[. ]$/.test(part) || /[<>:"|?*\p{Cc}]/u.test(part))
}

/** What stands before the names: `\\?\` and `\\.\`, a share's `UNC\`, a drive. */
const BEFORE_NAMES = /^([\\/]{2}[?.][\\/])?(UNC[\\/])?([A-Za-z]:)?/i

/**
 * Refuses, on Windows, to make a file that no program could open or remove again, or that is not a file at
 * all: Node hands names over as `\\?\` paths, in which `NUL` is a file like any other and the dot at its end
 * stays, and `a:b` is a stream of the file `a`. `fromSystem` has the words for NOT_PORTABLE.
 */
export function checkMayBeMade(file: string): void {
  if (process.platform !== 'win32') return
  const names = file.replace(BEFORE_NAMES, '').split(/[\\/]/)
  const wrong = names.find((name) => name !== '.' && name !== '..' && !isPortable(name))
  if (wrong === undefined) return
  throw codedError('NOT_PORTABLE', `Windows has no files of the name ${JSON.stringify(wrong)}`)
}
