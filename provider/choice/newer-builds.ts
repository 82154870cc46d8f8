import { fits } from '../../catalog/platform-fit.js'
import { hasCode, type Platform } from '../../manifests/index.js'
import { labelOf } from '../names/image-names.js'
import type { ChosenImage } from './chosen-image.js'

/** A Windows machine, but with any build. */
export function ofAnyBuild(host: Platform): Platform {
  const { 'os.version': _build, ...machine } = host
  return machine
}

/**
 * Whether an image is for a newer Windows than a machine has. An image runs on its own build and on newer ones
 * (hcsshim, osversion: "CheckHostAndContainerCompat"; moby, "checkImageCompatibility").
 */
export function isNewerThan(host: Platform, image: Platform | undefined): boolean {
  if (!image || host.os !== 'windows' || host['os.version'] === undefined) return false
  return fits(ofAnyBuild(host), image) && !fits(host, image)
}

/**
 * Chooses for this machine, as docker does. If nothing fits only because every build of Windows is newer,
 * chooses as for a machine of any build: what is carried elsewhere need not run here.
 * @param choose is given the machine
 */
export async function evenIfNewer<T>(host: Platform, choose: (host: Platform) => Promise<T>): Promise<T> {
  try {
    return await choose(host)
  } catch (error) {
    if (!hasCode(error, 'PLATFORM_NOT_FOUND') || host['os.version'] === undefined) throw error
    // If that is not the reason, the error for this machine is thrown.
    return await choose(ofAnyBuild(host)).catch((again) => {
      throw hasCode(again, 'PLATFORM_NOT_FOUND') ? error : again
    })
  }
}

/** A line for each image that this machine cannot run because its Windows is too old. */
export function newerBuildNotes(images: readonly ChosenImage[], host: Platform): string[] {
  return images.flatMap((image) => {
    if (image.artifact || !isNewerThan(host, image.platform)) return []
    const [build, own] = [image.platform?.['os.version'], host['os.version']]
    return [`${labelOf(image)} is for Windows ${build} and newer; this machine has ${own} and cannot run it.`]
  })
}
