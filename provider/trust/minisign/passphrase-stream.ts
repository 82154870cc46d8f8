import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'

/** How much work it is to open a key, in libsodium's terms: operations, and bytes of memory. */
export interface WorkLimits {
  operations: bigint
  memory: bigint
}

/** What minisign asks for: some seconds, and 1 GiB (libsodium's "sensitive" limits). */
export const SENSITIVE: WorkLimits = { operations: 33_554_432n, memory: 1_073_741_824n }

/** @returns the bytes that hide a key, made from a passphrase and a salt */
export async function passphraseStream(
  passphrase: string,
  salt: Uint8Array,
  limits: WorkLimits,
  length: number,
): Promise<Buffer> {
  const { cost, blockSize, parallelization } = scryptOf(limits)
  const maxmem = 128 * blockSize * (cost + parallelization) + 1024 * 1024
  const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt)
  return await derive(passphrase, salt, length, { cost, blockSize, parallelization, maxmem })
}

/**
 * The parameters of scrypt for some limits, as libsodium picks them (crypto_pwhash_scryptsalsa208sha256, `pickparams`).
 */
function scryptOf({ operations, memory }: WorkLimits) {
  const blockSize = 8
  const work = Math.max(Number(operations), 32_768)
  if (work < Number(memory) / 32)
    return { cost: powerBelow(work / (blockSize * 4)), blockSize, parallelization: 1 }
  const cost = powerBelow(Number(memory) / (blockSize * 128))
  const most = Math.min(Math.floor(Math.floor(work / 4) / cost), 0x3fffffff)
  return { cost, blockSize, parallelization: Math.max(1, Math.floor(most / blockSize)) }
}

/** The first power of two above half of a number. */
function powerBelow(most: number): number {
  let power = 2
  while (power <= most / 2) power *= 2
  return power
}
