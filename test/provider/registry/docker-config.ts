import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Writes a config.json as docker does. @param auths `user:password` by host */
export function dockerConfig(folder: string, auths: Record<string, string>, more: object = {}): string {
  const file = path.join(folder, 'config.json')
  const entries = Object.entries(auths).map(([host, pair]) => [
    host,
    { auth: Buffer.from(pair).toString('base64') },
  ])
  writeFileSync(file, JSON.stringify({ auths: Object.fromEntries(entries), ...more }))
  return file
}
