import { constants } from 'node:os'

/**
 * The name that errno(3) has for an error of the operating system; of some, such as EDQUOT, libuv knows the number
 * alone, and Node says "Unknown system error -122".
 * @returns the error's own code if it is no error of the system
 */
export function systemCode(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException
  if (errno === undefined || !code?.startsWith('Unknown system error')) return code
  return Object.entries(constants.errno).find(([, number]) => number === -errno)?.[0] ?? code
}
