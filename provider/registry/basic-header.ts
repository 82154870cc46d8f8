import { ContainerImageError } from '../../manifests/index.js'

/** RFC 7617; the colon separates, so a user name cannot have one. */
export function basicHeader(credential: { username: string; password: string }): string {
  if (credential.username.includes(':'))
    throw new ContainerImageError('UNAUTHORIZED', 'A user name stored for a registry has a colon.', {
      side: 'source',
      remedy: 'Log in again with a user name without a colon.',
    })
  const pair = `${credential.username}:${credential.password}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}
