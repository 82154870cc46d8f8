import { ContainerImageError, show } from '../../manifests/index.js'
import type { RootChoice } from './chosen-image.js'
import type { Context } from './context.js'
import type { ChosenImages } from './targets.js'

export async function resolveName(
  _c: Context,
  target: string,
  _r: object,
  _x: RootChoice,
): Promise<ChosenImages> {
  throw new ContainerImageError('NO_MATCH', show(target))
}
