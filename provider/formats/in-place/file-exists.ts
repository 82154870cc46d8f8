import { stat } from 'node:fs/promises'
import { ContainerImageError, withTaken } from '../../../manifests/index.js'

/**
 * What PowerShell's provider says if a save finds another file in its way.
 * @param expected what could be there without being in the way
 */
export function fileExists(
  file: string,
  expected = 'no file of this name, or one with the same images',
): ContainerImageError {
  return new ContainerImageError(
    'FILE_EXISTS',
    `${file} already exists. Skipping save. Use -Force to overwrite.`,
    { side: 'destination', expected, found: 'another file' },
  )
}

/** A folder, device, pipe or socket is in the way: nothing overwrites it. @param found in words */
export function notAFile(file: string, found = 'a folder, device, pipe or socket'): ContainerImageError {
  return new ContainerImageError('FILE_EXISTS', `${file} already exists and is not a file.`, {
    side: 'destination',
    expected: 'no file of this name, or one to overwrite',
    found,
    remedy: `Choose another name${withTaken('path', 'output')}.`,
  })
}

/**
 * Refuses to write where something is that must stay.
 * @param force overwrite a file
 * @throws FILE_EXISTS
 */
export async function refuseExistingFile(output: string, force: boolean): Promise<void> {
  const there = await stat(output).catch(() => undefined)
  if (!there) return
  if (!there.isFile()) throw notAFile(output)
  if (!force) throw fileExists(output, 'no file of this name')
}
