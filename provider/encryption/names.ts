const ENDING = '.age'

/** Under which a file lies encrypted. */
export function encryptedName(name: string): string {
  return `${name}${ENDING}`
}

export function isEncryptedName(name: string): boolean {
  return name.toLowerCase().endsWith(ENDING)
}

/** The name or path of what is in an encrypted file; any other as it is. */
export function plainName(name: string): string {
  return isEncryptedName(name) ? name.slice(0, -ENDING.length) : name
}
