import { constants, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The registry of the image, and the names under which the base of every container's registry lies. */
const HIVES: [file: string, base: string][] = [
  ['SYSTEM', 'System_Base'],
  ['SOFTWARE', 'Software_Base'],
  ['SAM', 'Sam_Base'],
  ['SECURITY', 'Security_Base'],
  ['DEFAULT', 'DefaultUser_Base'],
]

/** Copies the registry files into `Hives`; returns which of them the image does not have. */
export function copyHives(image: string): string[] {
  const target = path.join(image, 'Hives')
  mkdirSync(target)
  const folder = inside(path.join(image, 'Files'), ['Windows', 'System32', 'config'])
  const missing: string[] = []
  for (const [name, base] of HIVES) {
    const file = folder && inside(folder, [name])
    if (file) copyFileSync(file, path.join(target, base), constants.COPYFILE_FICLONE)
    else missing.push(`Files/Windows/System32/config/${name}`)
  }
  return missing
}

/** A path whose case is not known; links are not followed. */
function inside(folder: string, names: string[]): string | undefined {
  let at = folder
  for (const [i, name] of names.entries()) {
    const entries = readdirSync(at, { withFileTypes: true })
    const found = entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase())
    const isLast = i === names.length - 1
    if (!found || !(found.isDirectory() || (isLast && found.isFile()))) return undefined
    at = path.join(at, found.name)
  }
  return at
}
