import { ContainerImageError, show } from '../../manifests/index.js'
import { checkPortable, unsafe } from '../archives/members/member-names.js'

/**
 * Refuses a name that is not that of a file right in the folder, on any system.
 * @param where what holds the name, for the message
 * @throws UNSAFE_NAME
 */
export function checkFileName(name: string, where: string): void {
  if (/[/\\\0]/.test(name) || name === '' || name === '.' || name === '..') throw unsafe(name, where)
  checkPortable(name, where)
}

/**
 * Refuses names that a case-insensitive file system would treat as one.
 * @throws UNSAFE_NAME
 */
export function checkDistinct(names: string[], where: string): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const folded = name.normalize('NFC').toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined)
      throw new ContainerImageError('UNSAFE_NAME', `${where} holds two files of one name: ${show(name)}.`, {
        side: 'source',
        expected: 'names that differ in more than case',
        found: `${show(other)} and ${show(name)}`,
      })
    seen.set(folded, name)
  }
}

/** Whether a file is a recovery file, by its name. */
export function isRecoveryFile(name: string): boolean {
  return /\.par2$/i.test(name)
}

/** `base.par2` and `base.vol012+34.par2` belong together. */
export function baseOf(name: string): string {
  return name.replace(/(\.vol\d+[+-]\d+)?\.par2$/i, '')
}
