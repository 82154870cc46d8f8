import { ContainerImageError, command } from '../../manifests/index.js'

/** A command line that cannot be understood. The remedy names the help of the command, if known. */
export function usage(message: string, path: string[] = [], remedy?: string): ContainerImageError {
  const [verb = '--help', ...following] = path.length > 0 ? [...path, '--help'] : []
  return new ContainerImageError('USAGE', message, {
    remedy: remedy ?? `See ${command(verb, ...following)}.`,
  })
}
