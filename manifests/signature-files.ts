/** How minisign calls the signature of a file: its name and this. */
export const SIGNATURE_ENDING = '.minisig'

/** The list of the sums of an archive, or of a set of volumes, is called as that is, and this. */
export const SUMS_ENDING = '.sha256'

/**
 * The file of which a name says that it is the signature; undefined for any other name. The first signer's is called as
 * minisign does it, `SHA256SUMS.minisig`, and any further one has the id of the key: `SHA256SUMS.1A275BD32960AD9D.minisig`.
 */
export function signedFile(name: string): string | undefined {
  return /^(.+?)(?:\.[0-9A-F]{16})?\.minisig$/.exec(name)?.[1]
}
