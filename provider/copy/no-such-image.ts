import { ContainerImageError, type ErrorFacts, show } from '../../manifests/index.js'

/** A source or an engine has no image of this name. */
export function noSuchImage(label: string, name: string, facts: ErrorFacts): ContainerImageError {
  return new ContainerImageError('NOT_FOUND', `${label} has no image ${show(name)}.`, facts)
}
