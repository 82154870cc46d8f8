import { X509Certificate } from 'node:crypto'
import { X509Certificate as ParsedCertificate } from '@sigstore/core'
import { shaped } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import { keyFault } from '../signers/public-key.js'

/** A signer's certificate, and those of the authorities above it. */
export type CertificateChain = [X509Certificate, ...X509Certificate[]]

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const ANY_USAGE = '2.5.29.37.0'

/** @throws SignatureFault */
export function readChain(chain: readonly Buffer[]): CertificateChain {
  return shaped(() => chain.map((der) => new X509Certificate(der))) as CertificateChain
}

/**
 * Checks that nobody but its owner can sign with the key of any of some certificates, before any of them is used.
 * @throws SignatureFault
 */
export function checkKeys(certificates: readonly X509Certificate[]): void {
  for (const { publicKey } of certificates) {
    const fault = keyFault(publicKey)
    if (fault) throw untrusted(`the key of a certificate is not taken: ${fault}`)
  }
}

/**
 * Checks that a chain leads from a signer to one of some authorities, as a certificate for signing code must
 * (notaryproject/specifications, `signature-specification.md`, "Certificate Requirements"; RFC 5280, 4.2.1).
 * @param at the time at which all of it has to be valid
 * @throws SignatureFault
 */
export function checkChain(chain: CertificateChain, authorities: readonly X509Certificate[], at: Date): void {
  const trusted = chain.findIndex((one) => authorities.some((authority) => authority.raw.equals(one.raw)))
  // A chain may leave out the root, which everybody has.
  const above = trusted < 0 ? authorities.find((authority) => isIssuedBy(chain.at(-1), authority)) : undefined
  if (trusted < 0 && !above) throw untrusted('its certificate is not of an authority that is trusted')
  const path = above ? [...chain, above] : chain
  path.forEach((one, depth) => {
    const issuer = path[depth + 1]
    if (issuer && !isIssuedBy(one, issuer)) throw untrusted('its certificates are not issued by one another')
    checkUse(one, depth)
    checkTime(one, at)
  })
}

function isIssuedBy(certificate: X509Certificate | undefined, issuer: X509Certificate): boolean {
  return certificate?.checkIssued(issuer) === true && certificate.verify(issuer.publicKey)
}

function checkUse(certificate: X509Certificate, depth: number): void {
  const { extKeyUsage, extBasicConstraints } = shaped(() =>
    ParsedCertificate.parse(Buffer.from(certificate.raw)),
  )
  if (depth === 0) {
    const uses = certificate.keyUsage ?? []
    const isForCode = uses.length === 0 || uses.includes(CODE_SIGNING)
    if (certificate.ca || uses.includes(ANY_USAGE) || !isForCode || extKeyUsage?.digitalSignature === false)
      throw untrusted('its certificate is not one for signing')
    return
  }
  if (!certificate.ca || extKeyUsage?.keyCertSign === false)
    throw untrusted('a certificate above its own is not one of an authority')
  const most = extBasicConstraints?.pathLenConstraint
  if (most !== undefined && most < BigInt(depth - 1))
    throw untrusted('an authority above its certificate may not have so many authorities below it')
}

function checkTime({ validFrom, validTo }: X509Certificate, at: Date): void {
  if (at < new Date(validFrom))
    throw new SignatureFault(
      'IMAGE_CERTIFICATE_EXPIRED',
      `its certificate is valid only from ${iso(validFrom)}`,
    )
  if (at > new Date(validTo))
    throw new SignatureFault('IMAGE_CERTIFICATE_EXPIRED', `its certificate was valid until ${iso(validTo)}`)
}

function iso(text: string): string {
  return new Date(text).toISOString().slice(0, 10)
}

/** Whether a certificate's subject has all parts of a distinguished name, such as `O=Example, CN=Releases`. */
export function hasSubject({ subject }: X509Certificate, wanted: string): boolean {
  const found = new Set(subject.split('\n'))
  const parts = wanted.replace(/^x509\.subject:/, '').split(/(?<!\\),/)
  const trimmed = parts.map((part) => part.trim().replace(/^ST?=/, (key) => (key === 'S=' ? 'ST=' : key)))
  return trimmed.every((part) => found.has(part.replaceAll('\\,', ',')))
}

function untrusted(what: string): SignatureFault {
  return new SignatureFault('IMAGE_SIGNER_UNTRUSTED', what)
}
