/** Endings that archives have. A folder may hold anything else beside them; that is left alone and not read. */
const ENDING = /\.(tar|tgz|txz|tzst|tar\.(gz|xz|zst|zstd)|oci|zip|7z|7z\.001|wim|esd|swm)$/i

/** Whether a file of a folder is worth opening, by its name. */
export function isReadableName(name: string): boolean {
  return ENDING.test(name) && !name.startsWith('.')
}

/** `debian-12-5` of `debian-12-5.tar.xz`. */
export function withoutEnding(name: string): string {
  return name.replace(ENDING, '')
}
