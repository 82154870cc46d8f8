/** Whether a word that stands alone asks for the version: `--version`, or `-V` or `-v` as other tools have it. */
export function asksForVersion(word: string | undefined): boolean {
  return word === '--version' || word === '-V' || word === '-v'
}
