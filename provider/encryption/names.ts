const ENDING = '.age'

/** The name that an encrypted file gets. */
export function encryptedName(name: string): string {
  return `${name}${ENDING}`
}

export function isEncryptedName(name: string): boolean {
  return name.toLowerCase().endsWith(ENDING)
}

/** The name or path of the file inside an encrypted one; any other unchanged. */
export function plainName(name: string): string {
  return isEncryptedName(name) ? name.slice(0, -ENDING.length) : name
}
