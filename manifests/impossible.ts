import { ContainerImageError } from './errors.js'

/** Ends a run that came where the code says it cannot come: a fault of this program, and of nothing that it was given. */
export function impossible(what: string): never {
  throw new ContainerImageError('UNEXPECTED', what)
}
