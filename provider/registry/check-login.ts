import { ContainerImageError, command, hasCode } from '../../manifests/index.js'
import type { RegistryClient } from './client.js'

/**
 * Shows a registry the credentials of this run, as docker does at a login.
 * @returns false if the registry does not ask for any, and so has checked nothing
 * @throws UNAUTHORIZED if they are refused, or may not be sent to its token service; network errors
 */
export async function checkLogin(
  client: RegistryClient,
  registry: string,
  { insecure, signal }: { insecure?: boolean | undefined; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const request = {
    registry,
    path: '',
    subject: `login at ${registry}`,
    insecure: insecure ?? false,
    signal,
  }
  try {
    const answer = await client.request(request)
    await answer.body.discard()
  } catch (error) {
    if (!hasCode(error, 'UNAUTHORIZED')) throw error
    throw refused(registry, error)
  }
  const use = await client.useOfCredentials(request)
  if (use === 'withheld') throw withheld(registry)
  return use === 'taken'
}

function refused(registry: string, error: ContainerImageError): ContainerImageError {
  return new ContainerImageError('UNAUTHORIZED', `${registry} refuses this user name and password.`, {
    side: 'source',
    expected: 'credentials that it knows',
    found: error.found ?? 'a refusal',
    remedy:
      'Check both, and whether it wants a token in the place of the password; what was kept before stays as it is.',
    cause: error,
  })
}

function withheld(registry: string): ContainerImageError {
  return new ContainerImageError(
    'UNAUTHORIZED',
    `The token service of ${registry} is of another site, and was not given the credentials.`,
    {
      side: 'source',
      remedy: `If it belongs to it, say so once, as the note has it: ${command('config', 'set', `registries.${registry}.realm`, 'URL')}.`,
    },
  )
}
