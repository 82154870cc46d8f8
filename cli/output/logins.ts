import { printable } from '../../manifests/index.js'
import type { LoginResult, LogoutResult } from '../../provider/index.js'
import { whatIf } from './what-if.js'

/** Who is logged in where, and where that is stored; never the password. */
export function loggedInLines({ registry, username, file, helper, checked }: LoginResult): string[] {
  const where = helper === undefined ? `in ${printable(file)}` : `by docker-credential-${printable(helper)}`
  return [
    `${checked ? 'Logged in' : 'Kept credentials'} at ${printable(registry)} as ${printable(username)}; kept ${where}.`,
  ]
}

export function wouldLogInLines({ registry, username }: LoginResult): string[] {
  return [whatIf('Keep Credentials', `${username} at ${registry}`)]
}

export function loggedOutLines({ registry, removed, remaining }: LogoutResult): string[] {
  return [
    removed
      ? `Removed the credentials for ${printable(registry)}.`
      : `There are no credentials for ${printable(registry)}.`,
    ...remaining.map((file) => `  ${printable(file)} still has some, and they are used.`),
  ]
}

export function wouldLogOutLines({ registry, remaining }: LogoutResult): string[] {
  return [
    whatIf('Forget Credentials', registry),
    ...remaining.map((file) => `  ${printable(file)} would still have some.`),
  ]
}
