/**
 * Whether something in a request is written as a path on either kind of system, so that it can be nothing
 * else.
 */
export function isWrittenAsPath(text: string): boolean {
  return /^\.{0,2}[\\/]/.test(text) || /^[A-Za-z]:[\\/]/.test(text) || text === '.' || text === '..'
}
