/** Whether a word of a request is written as a path of either system, so that it can be nothing else. */
export function isWrittenAsPath(text: string): boolean {
  return /^\.{0,2}[\\/]/.test(text) || /^[A-Za-z]:[\\/]/.test(text) || text === '.' || text === '..'
}
