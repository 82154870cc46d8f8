/** Eight bytes that a signer chooses once: they say which key is meant, and prove nothing. */
export const KEY_ID_BYTES = 8

/** As minisign writes it: the hex digits of a number whose lowest byte comes first. */
export function keyIdText(id: Uint8Array): string {
  return Buffer.from(id).reverse().toString('hex').toUpperCase()
}
