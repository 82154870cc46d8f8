import { ContainerImageError } from '../../manifests/index.js'

/** A command line that cannot be understood. The remedy names the help of the command, if known. */
export function usage(message: string, path: string[] = [], remedy?: string): ContainerImageError {
  const help = ['containerimage', ...path, '--help'].join(' ')
  return new ContainerImageError('USAGE', message, { remedy: remedy ?? `See \`${help}\`.` })
}
