import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  BOOLEAN,
  bitString,
  der,
  INTEGER,
  OCTET_STRING,
  oid,
  SEQUENCE,
  SET,
  UTF8_STRING,
  utcTime,
} from '../../fixtures/der.js'

export interface Certificate {
  key: string
  cert: string
  /** PEM file of the certificate, which is its own authority. */
  file: string
  keyFile: string
}

/**
 * A certificate for this machine that is signed by itself, from yesterday until tomorrow.
 * @param names as openssl writes them
 */
export function selfSigned(folder: string, names = 'DNS:localhost,IP:127.0.0.1'): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const signed = toBeSigned(publicKey.export({ type: 'spki', format: 'der' }), names)
  const certificate = der(SEQUENCE, signed, ECDSA_WITH_SHA256, bitString(sign('sha256', signed, privateKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  const [file, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  writeFileSync(file, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { key, cert, file, keyFile }
}

/** Implicit and explicit tags of the context. */
const [DNS_NAME, IP_ADDRESS, VERSION, EXTENSIONS] = [0x82, 0x87, 0xa0, 0xa3]

const DAY_MS = 86_400_000

const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('1.2.840.10045.4.3.2'))
const COMMON_NAME = oid('2.5.4.3')
const BASIC_CONSTRAINTS = oid('2.5.29.19')
const SUBJECT_ALT_NAME = oid('2.5.29.17')

function toBeSigned(publicKey: Buffer, names: string): Buffer {
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from('test')))))
  const isAuthority = der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff)))
  return der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, utcTime(Date.now() - DAY_MS), utcTime(Date.now() + DAY_MS)),
    name,
    publicKey,
    der(
      EXTENSIONS,
      der(
        SEQUENCE,
        der(SEQUENCE, BASIC_CONSTRAINTS, der(BOOLEAN, Buffer.of(0xff)), der(OCTET_STRING, isAuthority)),
        der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, alternatives(names))),
      ),
    ),
  )
}

function alternatives(names: string): Buffer {
  const found = names.split(',').map((one) => {
    const [, kind, name = ''] = /^(DNS|IP):(.*)$/.exec(one) ?? []
    if (kind === 'DNS') return der(DNS_NAME, Buffer.from(name))
    if (kind === 'IP') return der(IP_ADDRESS, Buffer.from(name.split('.').map(Number)))
    throw new Error(`no name of a certificate: ${one}`)
  })
  return der(SEQUENCE, ...found)
}
