import { formatPlatform, type Platform, parsePlatform } from '../../manifests/index.js'

/**
 * The platforms that a request names, each once: one, several, or several with commas between them.
 * @throws INVALID_PLATFORM
 */
export function platformsNamed(named: string | readonly string[] | undefined): Platform[] {
  const texts = [named ?? []].flat().flatMap((text) => text.split(','))
  const platforms = texts.map((text) => parsePlatform(text.trim()))
  return [...new Map(platforms.map((one) => [formatPlatform(one), one])).values()]
}
