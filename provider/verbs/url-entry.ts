import type { Entry } from '../../catalog/entry.js'
import { ContainerImageError } from '../../manifests/index.js'
import type { ChosenImage, RootChoice } from '../choice/chosen-image.js'
import type { Context } from '../context/context.js'
export async function fromUrl(_c: Context, _e: Entry, _l: object, _r: RootChoice): Promise<ChosenImage[]> {
  throw new ContainerImageError('UNEXPECTED', 'x')
}
