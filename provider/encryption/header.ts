import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, printable, show } from '../../manifests/index.js'
import { PAYLOAD_NONCE } from './payload.js'

/** How every age file begins (C2SP age.md, "Header"). */
const START = 'age-encryption.org/v1\n'
/** The same in the text form, which is for mail. */
const ARMORED = '-----BEGIN AGE ENCRYPTED FILE-----'

/** How many bytes are needed to tell whether a file is an age file. */
export const AGE_HEAD = ARMORED.length

/** Some 150 recipients, or twenty post-quantum ones. */
const LARGEST = 64 * 1024

/** What comes before the payload of an age file. */
export interface AgeHeader {
  /** Including its MAC, as it is in the file. */
  bytes: Uint8Array
  nonce: Uint8Array
  /** Where the payload begins, after its nonce, in bytes. */
  end: number
  /** What its recipients are: `X25519`, `scrypt`. */
  kinds: string[]
}

/** Whether a file with this beginning is an age file, in either form. */
export function isAge(head: Uint8Array): boolean {
  return isBinary(head) || isArmored(head)
}

function isBinary(head: Uint8Array): boolean {
  return latin(head).startsWith(START)
}

/** Whether a file with this beginning is an age file in the text form. */
function isArmored(head: Uint8Array): boolean {
  return latin(head).startsWith(ARMORED)
}

function latin(head: Uint8Array): string {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, AGE_HEAD)).toString('latin1')
}

/** @throws DECRYPTION_FAILED where the header is cut, too large, or breaks its form */
export async function readHeader(file: FileHandle, label: string): Promise<AgeHeader> {
  const start = Buffer.alloc(LARGEST)
  const { bytesRead } = await file.read(start, 0, start.length, 0)
  const head = start.subarray(0, bytesRead)
  if (isArmored(head)) throw armored(label)
  const mac = head.indexOf('\n--- ')
  const end = mac < 0 ? -1 : head.indexOf('\n', mac + 1) + 1
  if (!isBinary(head) || end <= 0 || head.length < end + PAYLOAD_NONCE) throw broken(label)
  const bytes = head.subarray(0, end)
  return {
    bytes,
    nonce: head.subarray(end, end + PAYLOAD_NONCE),
    end: end + PAYLOAD_NONCE,
    kinds: kindsIn(bytes),
  }
}

function kindsIn(header: Buffer): string[] {
  const lines = header.toString('latin1').split('\n')
  const kinds = lines.flatMap((line) => /^-> ([^ ]{1,64})/.exec(line)?.[1] ?? [])
  return [...new Set(kinds)].map(printable)
}

function armored(label: string): ContainerImageError {
  return new ContainerImageError('DECRYPTION_FAILED', `${label} is encrypted, but written as text.`, {
    side: 'source',
    expected: show(START.trim()),
    found: show(ARMORED),
    remedy: 'Decrypt it with `age --decrypt`, or encrypt it without --armor.',
  })
}

function broken(label: string): ContainerImageError {
  return new ContainerImageError('DECRYPTION_FAILED', `${label} has no complete age header.`, {
    side: 'source',
    expected: `a header of at most ${LARGEST} bytes, and a payload behind it`,
    found: 'another text, or the end of the file',
  })
}
