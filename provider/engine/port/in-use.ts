import { ContainerImageError } from '../../../manifests/index.js'

/** An image that containers need. @param users their names or ids */
export function imageInUse(label: string, users: string[], remedy: string): ContainerImageError {
  return new ContainerImageError('IN_USE', `Containers of ${label} use the image.`, {
    side: 'destination',
    expected: 'no container',
    found: users.join(', '),
    remedy,
    details: { containers: users },
  })
}
