import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface Certificate {
  key: string
  cert: string
  /** PEM file of the certificate, which is its own authority. */
  file: string
  keyFile: string
}

/** A certificate for this machine that is signed by itself, made by openssl. */
export function selfSigned(folder: string, names = 'DNS:localhost,IP:127.0.0.1', days = 2): Certificate {
  const keyFile = path.join(folder, 'key.pem')
  const file = path.join(folder, 'cert.pem')
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const more = ['-keyout', keyFile, '-out', file, '-days', String(days), '-subj', '/CN=test']
  const made = spawnSync('openssl', [...args, ...more, '-addext', `subjectAltName=${names}`])
  if (made.status !== 0) throw new Error(`openssl ended with ${made.status}: ${made.stderr}`)
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8'), file, keyFile }
}
