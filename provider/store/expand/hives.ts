import { constants, copyFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { FolderWriter } from './folder-writer.js'

const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants

/** The registry of the image, and the names of the files with the base of every container's registry. */
const HIVES: [file: string, base: string][] = [
  ['SYSTEM', 'System_Base'],
  ['SOFTWARE', 'Software_Base'],
  ['SAM', 'Sam_Base'],
  ['SECURITY', 'Security_Base'],
  ['DEFAULT', 'DefaultUser_Base'],
]

/**
 * Copies the registry files of a laid-out image to `Hives`; returns those that it does not have. Neither
 * source nor target is reached through a link of a layer.
 */
export function copyHives(image: string, writer: FolderWriter): string[] {
  writer.makeFolder('Hives')
  const missing: string[] = []
  for (const [name, base] of HIVES) {
    const file = inside(image, ['Files', 'Windows', 'System32', 'config', name])
    if (!file) {
      missing.push(`Files/Windows/System32/config/${name}`)
      continue
    }
    writer.clear(`Hives/${base}`)
    copyFileSync(file, path.join(image, 'Hives', base), COPYFILE_FICLONE | COPYFILE_EXCL)
  }
  return missing
}

/** A file by its path in any case; links are not followed. */
function inside(folder: string, names: string[]): string | undefined {
  let at = folder
  for (const [i, name] of names.entries()) {
    const isLast = i === names.length - 1
    const found = readdirSync(at, { withFileTypes: true }).find(
      (entry) =>
        entry.name.toLowerCase() === name.toLowerCase() && (isLast ? entry.isFile() : entry.isDirectory()),
    )
    if (!found) return undefined
    at = path.join(at, found.name)
  }
  return at
}
