import { checkLogin } from '../../registry/check-login.js'
import { forgetCredentials, keepCredentials, othersWith } from '../../registry/credential-file.js'
import { inContext } from '../../session/context.js'
import { registryName } from './registry-name.js'
import type { LoginRequest, LoginResult, LogoutRequest, LogoutResult } from './request.js'

/**
 * Checks credentials with a registry, and stores them where docker does; every verb uses them from then on,
 * and so does docker. With `whatIf` they are only checked.
 * @throws UNAUTHORIZED if the registry refuses them, and then nothing is stored; INVALID_REFERENCE,
 * SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING, network errors
 */
export async function login(request: LoginRequest): Promise<LoginResult> {
  const { username, password, insecure, signal, whatIf } = request
  const registry = registryName(request.registry)
  const credentials = { username, password }
  return await inContext({ ...request, registry, login: credentials }, async (context) => {
    const checked = await checkLogin(await context.registry(), registry, { insecure, signal })
    if (!checked) context.note(`${registry} does not ask for credentials, so these could not be checked.`)
    if (whatIf) return { registry, username, file: '', checked }
    const place = await keepCredentials(registry, credentials, process.env)
    for (const file of await othersWith(registry, process.env))
      context.note(
        `${file} has credentials for ${registry} as well, and they are the ones that are used: \`skopeo logout ${registry}\` removes them.`,
      )
    return { registry, username, ...place, checked }
  })
}

/**
 * Removes the credentials for a registry from docker's file, or from the helper that it names.
 * @throws INVALID_REFERENCE, SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING
 */
export async function logout(request: LogoutRequest): Promise<LogoutResult> {
  const registry = registryName(request.registry)
  return await inContext(request, async () => {
    const place = request.whatIf ? undefined : await forgetCredentials(registry, process.env)
    const remaining = await othersWith(registry, process.env)
    return { registry, removed: place !== undefined, remaining }
  })
}
