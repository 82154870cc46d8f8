/** How minisign calls the signature of a file: its name and this. */
export const SIGNATURE_ENDING = '.minisig'

/** The list of the sums of an archive, or of a set of volumes, is called as that is, and this. */
export const SUMS_ENDING = '.sha256'

/** Of what is to be the signature of a file, `LIST.1A275BD32960AD9D.next.minisig`. */
const NEXT_ENDING = `.next${SIGNATURE_ENDING}`

/**
 * The file of which a name says that it is the signature; undefined for any other name. The first signer's is called as
 * minisign does it, `SHA256SUMS.minisig`, and any further one has the id of the key: `SHA256SUMS.1A275BD32960AD9D.minisig`.
 * What is signed anew has both for a moment, the one that fits and `SHA256SUMS.1A275BD32960AD9D.next.minisig`.
 */
export function signedFile(name: string): string | undefined {
  return /^(.+?)(?:\.[0-9A-F]{16}(?:\.next)?)?\.minisig$/.exec(name)?.[1]
}

/** The name of what is to be the signature of a file by a key, until the file is written. */
export function nextSignature(file: string, keyId: string): string {
  return `${file}.${keyId}${NEXT_ENDING}`
}

/** Whether a name is one that `nextSignature` gives. */
export function isNextSignature(name: string): boolean {
  return name.endsWith(NEXT_ENDING) && signedFile(name) !== undefined
}
