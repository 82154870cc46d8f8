import { ContainerImageError, engineName } from '../../../manifests/index.js'
import { type AskOptions, ask } from '../client/program.js'
import type { PodmanImage } from './bound.js'
import { idOf } from './images.js'
import type { Podman } from './podman.js'

/**
 * Gives an image that podman has now its names. podman moves a name that another image had.
 * @param said what podman printed when it took the image: its id, at the end
 * @throws ENGINE_MISMATCH if podman took another image
 */
export async function nameImage(
  podman: Podman,
  { manifest, planned }: PodmanImage,
  said: string,
  options: AskOptions,
): Promise<void> {
  const expected = manifest.config.digest
  const found = idOf(/(?:sha256:)?[0-9a-f]{64}\s*$/.exec(said.trimEnd())?.[0] ?? '')
  if (found !== expected)
    throw new ContainerImageError('ENGINE_MISMATCH', `${podman.label} has taken another image.`, {
      side: 'destination',
      expected,
      found: found ?? said,
    })
  const names = planned.names.map(engineName)
  if (names.length > 0) await ask(podman, ['tag', expected.slice('sha256:'.length), ...names], options)
}
