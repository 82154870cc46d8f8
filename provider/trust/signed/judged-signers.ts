import { isNextSignature, printable } from '../../../manifests/index.js'
import { isSignatureOf } from '../minisign/signature.js'
import type { TrustedKey } from '../trusted/trusted-keys.js'
import { parseComment, type SignedFacts } from './comment.js'
import type { SignatureFile } from './signature-files.js'

/** How one signature was judged. */
export interface JudgedSigner {
  /** The name of its file. */
  file: string
  /** The id of the key that it names, as minisign prints it; undefined if it is not a signature. */
  keyId?: string
  /** What the user calls that key, if it is trusted. */
  signer?: string
  /** `valid` by a trusted key; `unknown` by another, which nobody can check; `invalid` for everything else. */
  verdict: 'valid' | 'unknown' | 'invalid'
  /** What its signer says along with it; given only if a trusted key has signed it. */
  comment?: string
  /** When it was signed, by the signer's clock: ISO 8601. */
  signed?: string
  /** Its number: a higher one is newer. */
  sequence?: number
  /** Why it is invalid. */
  problem?: string
}

/** The same, with what later steps need. */
export interface Judgement extends JudgedSigner {
  key?: TrustedKey
  facts: Partial<SignedFacts>
}

/** Judges signatures of some bytes by the keys that are trusted. */
export function judged(
  files: readonly SignatureFile[],
  bytes: Uint8Array,
  keys: readonly TrustedKey[],
): Judgement[] {
  return settled(files.map((file) => judgedOne(file, bytes, keys)))
}

/**
 * If the writer of a file was killed while it was being signed again, there are two signatures of one key, one of which
 * fits the present bytes: that one speaks for the key. A signature that was prepared for new bytes counts for nothing
 * if it does not fit; if nobody can tell, because the key is not trusted, the one with the usual name counts.
 */
function settled(all: readonly Judgement[]): Judgement[] {
  return all.filter((one) => {
    const others = all.filter(
      (other) => other !== one && other.keyId === one.keyId && one.keyId !== undefined,
    )
    const usual = others.filter(({ file }) => !isNextSignature(file))
    if (isNextSignature(one.file))
      return one.verdict === 'valid' ? !usual.some(fits) : one.verdict === 'unknown' && usual.length === 0
    return fits(one) || !others.some((other) => isNextSignature(other.file) && fits(other))
  })
}

function fits({ verdict }: Judgement): boolean {
  return verdict === 'valid'
}

function judgedOne(
  { name: file, signature, problem }: SignatureFile,
  bytes: Uint8Array,
  keys: readonly TrustedKey[],
): Judgement {
  if (!signature) return { file, verdict: 'invalid', problem: printable(problem ?? ''), facts: {} }
  const { keyId } = signature
  const named = keys.filter(({ id }) => id === keyId)
  if (named.length === 0) return { file, keyId, verdict: 'unknown', facts: {} }
  const key = named.find((one) => isSignatureOf(signature, bytes, one))
  if (!key) {
    const signer = named[0]?.name ?? ''
    return {
      file,
      keyId,
      signer,
      verdict: 'invalid',
      problem: 'it is of other bytes or by another key',
      facts: {},
    }
  }
  const facts = parseComment(signature.trustedComment)
  const { time, sequence } = facts
  return {
    file,
    keyId,
    signer: key.name,
    verdict: 'valid',
    comment: printable(signature.trustedComment.replaceAll('\t', ' ')),
    ...(time === undefined ? {} : { signed: dateOf(time) }),
    ...(sequence === undefined ? {} : { sequence }),
    key,
    facts,
  }
}

/** The part that may be shown to anybody. */
export function shownJudgement({ key: _key, facts: _facts, ...shown }: Judgement): JudgedSigner {
  return shown
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
