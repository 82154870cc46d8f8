import { formatPlatform, type Platform } from '../../../manifests/index.js'
import { fileName } from './saved-files.js'

const ENDING = '.cdx.json'

/** The file of an image's SBOM. @param platform if it is one of several images with that name */
export function sbomName(image: Parameters<typeof fileName>[0], platform?: Platform): string {
  if (platform === undefined) return fileName(image, ENDING)
  const words = formatPlatform(platform).replace(/[^A-Za-z0-9.]+/g, '-')
  return fileName(image, `-${words}${ENDING}`)
}

/** Which of some files are SBOMs of an image: a single one, or those for its platforms. */
export function sbomsAmong(files: Iterable<string>, image: Parameters<typeof fileName>[0]): string[] {
  const stem = fileName(image, '')
  return [...files].filter((file) => {
    if (!file.startsWith(stem) || !file.endsWith(ENDING)) return false
    const platform = file.slice(stem.length, -ENDING.length)
    return platform === '' || PLATFORM_WORDS.test(platform)
  })
}

/** As `sbomName` writes a platform: an operating system first, so that no other version is taken for one. */
const PLATFORM_WORDS = /^-(linux|windows|freebsd|darwin|unknown)-[A-Za-z0-9.-]+$/
