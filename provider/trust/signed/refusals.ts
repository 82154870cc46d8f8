import path from 'node:path'
import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import type { RequiredSigners } from '../required/required-signers.js'
import { keyLabel, type TrustedKey } from '../trusted/trusted-keys.js'
import type { Judgement } from './judged-signers.js'

/** What is trusted, in words for an error. */
function trustedNow({ keys }: Pick<RequiredSigners, 'keys'>): string {
  return keys.length === 0 ? 'no key at all' : keys.map(keyLabel).map(printable).join(', ')
}

function wanted(required: RequiredSigners): string {
  return required.needed === 1
    ? `a signature by one of the trusted keys: ${trustedNow(required)}`
    : `signatures by ${required.needed} of the trusted keys: ${trustedNow(required)}`
}

/** Who has signed something, and how it was judged, in words for an error. */
export function signersOf(signatures: readonly Judgement[]): string {
  return signatures.map(inWords).join('; ')
}

function inWords({ file, keyId, signer, verdict, problem }: Judgement): string {
  const who = keyId === undefined ? '' : ` by ${printable(signer ?? 'an unknown key')} (${keyId})`
  const how = verdict === 'unknown' ? 'not trusted' : verdict
  return `${printable(file)}${who}: ${how}${problem ? `, as ${problem}` : ''}`
}

export function unsigned(place: string, required: RequiredSigners): ContainerImageError {
  return new ContainerImageError('SIGNATURE_MISSING', `${printable(place)} is not signed.`, {
    side: 'source',
    expected: wanted(required),
    found: 'no signature',
    details: { path: place, trusted: required.keys.map(({ id }) => id) },
  })
}

/** Too few signatures count. A bad one by a trusted key says more than one by somebody else. */
export function notEnough(
  place: string,
  signatures: readonly Judgement[],
  required: RequiredSigners,
): ContainerImageError {
  const isBroken = signatures.some(({ verdict }) => verdict === 'invalid')
  const code = isBroken ? 'SIGNATURE_INVALID' : 'SIGNATURE_UNTRUSTED'
  const message = isBroken
    ? `${printable(place)} is not what was signed, or its signature was changed.`
    : `${printable(place)} is not signed by ${required.needed === 1 ? 'a trusted key' : 'enough trusted keys'}.`
  return new ContainerImageError(code, message, {
    side: 'source',
    expected: wanted(required),
    found: signersOf(signatures),
    details: {
      path: place,
      signed: signatures.flatMap(({ keyId }) => keyId ?? []),
      trusted: required.keys.map(({ id }) => id),
    },
    ...(required.keys.length === 0
      ? { remedy: `Give the signer's key with ${option('signedBy')}, if you have it from them.` }
      : {}),
  })
}

/** The keys that signed may not sign this name. */
export function notForName(
  name: string,
  keys: readonly TrustedKey[],
  required: RequiredSigners,
): ContainerImageError {
  const may = keys.map((key) => `${keyLabel(key)} may sign ${key.patterns.join(', ') || 'all names'}`)
  return new ContainerImageError(
    'SIGNATURE_UNTRUSTED',
    `${printable(name)} is signed, but not by ${required.needed === 1 ? 'a key that' : 'enough keys that'} may sign it.`,
    {
      side: 'source',
      expected: wanted(required),
      found: printable(may.join('; ')),
      details: { name, signed: keys.map(({ id }) => id) },
    },
  )
}

export function older(name: string, key: TrustedKey, sequence: number, seen: number): ContainerImageError {
  return new ContainerImageError(
    'SIGNATURE_OLDER',
    `${printable(name)} was signed by ${printable(keyLabel(key))} before something that this host has seen.`,
    {
      side: 'source',
      expected: `sequence number ${seen} or higher`,
      found: sequence < 0 ? 'none' : sequence,
      details: { name, key: key.id },
    },
  )
}

/** One of the signed files is not the one that the signed list names. */
export function notAsSigned(
  place: string,
  file: string,
  code: 'FILE_CHANGED' | 'FILE_EXTRA' | 'FILE_MISSING',
  facts: { expected: string; found: string },
): ContainerImageError {
  const what = {
    FILE_CHANGED: 'is not the file that was signed',
    FILE_EXTRA: 'is not in the list that was signed',
    FILE_MISSING: 'is missing, and the signed list names it',
  }[code]
  return new ContainerImageError(code, `${printable(path.basename(place))}: ${printable(file)} ${what}.`, {
    side: 'source',
    ...facts,
    details: { path: file },
    remedy: 'Do not use it; ask whoever made it for an unchanged copy.',
  })
}
