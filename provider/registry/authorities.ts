import { X509Certificate } from 'node:crypto'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { ContainerImageError, hasCode, option, show } from '../../manifests/index.js'
import { readUserFileSync } from '../io/files/read-user-file.js'
import type { ClientCertificate } from './client-certificate.js'

/**
 * What certificates are checked against, the system's authorities and those of PEM files, and the certificate that is
 * shown. Undefined if there is no such file, so that Node's own choice applies.
 * @throws PATH_NOT_FOUND, SOURCE_INVALID if a file holds no certificate, or the key belongs to another one
 */
export function authorities(
  caFiles: string[],
  client: ClientCertificate | undefined,
  environment: NodeJS.ProcessEnv,
): SecureContext | undefined {
  const own = client && clientOptions(client)
  if (caFiles.length === 0) return own && checkedContext(own, client)
  // A list of our own replaces what Node took from this variable, so it is read again here.
  const extra = environment.NODE_EXTRA_CA_CERTS ? [environment.NODE_EXTRA_CA_CERTS] : []
  const ca = [...rootCertificates, ...[...extra, ...caFiles].map(readCertificate)]
  return checkedContext({ ca, ...own }, client)
}

/** Using both shows whether the certificate and the key belong together. */
function checkedContext(
  options: { ca?: string[]; cert?: string; key?: string },
  client: ClientCertificate | undefined,
): SecureContext {
  try {
    return createSecureContext(options)
  } catch (cause) {
    if (!client) throw cause
    throw new ContainerImageError('SOURCE_INVALID', `${show(client.keyFile)} cannot be used as the key.`, {
      expected: `the key of the certificate in ${show(client.certFile)}, in PEM and without a passphrase`,
      found: 'another key, one with a passphrase, or none',
      remedy: 'Name certificate and key that belong together.',
      cause,
    })
  }
}

function clientOptions({ certFile, keyFile }: ClientCertificate): { cert: string; key: string } {
  return { cert: readCertificate(certFile), key: readPem(keyFile) }
}

function readPem(file: string): string {
  try {
    return readUserFileSync(file).toString('utf8')
  } catch (cause) {
    if (!hasCode(cause, 'PATH_NOT_FOUND')) throw cause
    throw new ContainerImageError('PATH_NOT_FOUND', `The certificate file ${show(file)} cannot be read.`, {
      remedy: `Check the path given with ${option('caFile')}, ${option('certFile')} or ${option('keyFile')}.`,
      cause,
    })
  }
}

function readCertificate(file: string): string {
  const text = readPem(file)
  try {
    new X509Certificate(text)
    return text
  } catch (cause) {
    throw new ContainerImageError('SOURCE_INVALID', `${show(file)} holds no certificate.`, {
      expected: 'a PEM file with -----BEGIN CERTIFICATE-----',
      remedy: `Name a PEM file of your authority with ${option('caFile')}, or of your own with ${option('certFile')}.`,
      cause,
    })
  }
}
