import { ContainerImageError } from './errors.js'

/**
 * Ends a run that reached a place the code says cannot be reached: a fault of this program, not of its input.
 */
export function impossible(what: string): never {
  throw new ContainerImageError('UNEXPECTED', what)
}
