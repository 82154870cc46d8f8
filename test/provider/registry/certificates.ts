import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

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
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', signed, privateKey)])
  const certificate = der(SEQUENCE, signed, ECDSA_WITH_SHA256, der(BIT_STRING, signature))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  const [file, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  writeFileSync(file, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { key, cert, file, keyFile }
}

/*
 * X.509 (RFC 5280) in DER. Node reads certificates and makes none, and openssl is not on every system.
 */

const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, UTF8_STRING] = [0x01, 0x02, 0x03, 0x04, 0x0c]
const [OBJECT_IDENTIFIER, UTC_TIME, SEQUENCE, SET] = [0x06, 0x17, 0x30, 0x31]
/** Implicit and explicit tags of the context. */
const [DNS_NAME, IP_ADDRESS, VERSION, EXTENSIONS] = [0x82, 0x87, 0xa0, 0xa3]

const DAY_MS = 86_400_000

const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('2a8648ce3d040302'))
const COMMON_NAME = oid('550403')
const BASIC_CONSTRAINTS = oid('551d13')
const SUBJECT_ALT_NAME = oid('551d11')

function toBeSigned(publicKey: Buffer, names: string): Buffer {
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from('test')))))
  const isAuthority = der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff)))
  return der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
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

function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(UTC_TIME, Buffer.from(text.slice(2)))
}

function oid(hex: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'))
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const bytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...bytes), content])
}
