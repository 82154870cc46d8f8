import { ContainerImageError, type Side } from '../../../manifests/index.js'

/** A path of the request that leads nowhere. @param shown the path as the reader sees it, in quotation marks */
export function noSuchPath(
  shown: string,
  facts: { side: Side; expected: string; found?: string; remedy?: string },
): ContainerImageError {
  return new ContainerImageError(
    'PATH_NOT_FOUND',
    `Cannot find the path ${shown} because it does not exist.`,
    { found: 'nothing', ...facts },
  )
}
