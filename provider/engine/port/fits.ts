import { ContainerImageError, formatPlatform, type Platform } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import type { Engine } from './engine.js'
import { engineBound } from './planned.js'

/**
 * Refuses images that an engine cannot run: those of another system, and those of a Windows that is newer than
 * the host's, whose kernel every container shares.
 * @throws PLATFORM_NOT_FOUND
 */
export function checkFits(engine: Pick<Engine, 'label' | 'platform'>, plan: CopyPlan): void {
  for (const { planned, config } of engineBound(plan)) {
    const name = planned.names[0]?.repository ?? planned.root.digest
    const osVersion = config['os.version']
    const image: Platform = { os: config.os, architecture: config.architecture }
    if (osVersion !== undefined) image['os.version'] = osVersion
    checkOne(engine, name, image)
  }
}

function checkOne(engine: Pick<Engine, 'label' | 'platform'>, name: string, image: Platform): void {
  const facts = {
    side: 'destination',
    expected: formatPlatform(engine.platform),
    found: formatPlatform(image),
  } as const
  if (image.os !== '' && image.os !== engine.platform.os)
    throw new ContainerImageError('PLATFORM_NOT_FOUND', `${engine.label} does not run ${name}.`, {
      ...facts,
      remedy:
        image.os === 'windows'
          ? 'Load it on Windows, with docker switched to Windows containers.'
          : `Choose an image for ${engine.platform.os}, or load it into an engine that runs ${image.os}.`,
    })
  const [wanted, there] = [buildOf(image), buildOf(engine.platform)]
  if (wanted === undefined || there === undefined || wanted <= there) return
  throw new ContainerImageError(
    'PLATFORM_NOT_FOUND',
    `${name} is of a newer Windows than the host of ${engine.label}.`,
    {
      ...facts,
      remedy: `Take a version of the image for build ${there} or older, or update the host to build ${wanted}.`,
    },
  )
}

/** The third number of a Windows version decides (Microsoft, "Windows container version compatibility"). */
function buildOf(platform: Platform): number | undefined {
  const build = platform['os.version']?.split('.')[2]
  return platform.os === 'windows' && build !== undefined && /^\d+$/.test(build) ? Number(build) : undefined
}
