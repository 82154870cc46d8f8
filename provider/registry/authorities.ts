import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { ContainerImageError, show } from '../../manifests/index.js'

/**
 * What certificates are checked against: the system's authorities and those of a PEM file. Undefined where
 * there is no such file, so that Node's own choice holds. Made once, as it reads every certificate.
 * @throws PATH_NOT_FOUND, SOURCE_INVALID where the file holds no certificate
 */
export function authorities(
  caFile: string | undefined,
  environment: NodeJS.ProcessEnv,
): SecureContext | undefined {
  if (caFile === undefined) return undefined
  const own = readPem(caFile)
  // A list of our own replaces what Node took from this variable, so it is read again here.
  const extra = environment.NODE_EXTRA_CA_CERTS ? [readPem(environment.NODE_EXTRA_CA_CERTS)] : []
  return createSecureContext({ ca: [...rootCertificates, ...extra, own] })
}

function readPem(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ContainerImageError('PATH_NOT_FOUND', `The certificate file ${show(file)} cannot be read.`, {
      remedy: 'Check the path given with --ca-file.',
      cause,
    })
  }
  try {
    new X509Certificate(text)
    return text
  } catch (cause) {
    throw new ContainerImageError('SOURCE_INVALID', `${show(file)} holds no certificate.`, {
      expected: 'a PEM file with -----BEGIN CERTIFICATE-----',
      remedy: 'Name a PEM file of your authority with --ca-file.',
      cause,
    })
  }
}
