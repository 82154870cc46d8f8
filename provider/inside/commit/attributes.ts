import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { throwIfAborted } from '../../../manifests/index.js'
import { exactText } from '../../archives/members/exact-text.js'
import { findProgram } from '../../io/programs/find-program.js'
import { startProgram } from '../../io/programs/start-program.js'

/** Extended attributes by path, from a root. */
export type Attributes = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>

/**
 * What stays with this host: labels and signatures of its own security modules, what its overlays keep, and access lists,
 * whose owners are numbers of this host.
 */
const OF_THIS_HOST =
  /^(security\.(selinux|SMACK64.*|apparmor|ima|evm)|(trusted|user)\.overlay\..*|system\..*)$/

/** Whether an attribute belongs to the image, and can be seen here at all. */
export function belongsToImage(name: string): boolean {
  if (OF_THIS_HOST.test(name)) return false
  // Other users cannot see them (xattr(7)).
  return !name.startsWith('trusted.') || process.getuid?.() === 0
}

/**
 * The extended attributes of everything below a folder, by getfattr of the package attr: Node has no call for
 * them. Undefined where that is not installed.
 */
export async function attributesBelow(folder: string, signal?: AbortSignal): Promise<Attributes | undefined> {
  if (process.platform !== 'linux' || !findProgram('getfattr')) return undefined
  const child = startProgram('getfattr', ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'base64', '--', '.'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  const failed = once(child, 'error').then(([error]) => {
    throwIfAborted(signal)
    throw error
  })
  failed.catch(() => {})
  const complaints = child.stderr ? text(child.stderr) : ''
  const found = child.stdout ? parsed(child.stdout) : new Map()
  const ended = once(child, 'close')
  const [attributes] = await Promise.race([Promise.all([found, complaints, ended]), failed])
  throwIfAborted(signal)
  return attributes
}

/** As getfattr dumps them (getfattr(1), `--dump`): a comment with the path, then one attribute per line. */
async function parsed(dump: NodeJS.ReadableStream): Promise<Map<string, Map<string, Uint8Array>>> {
  const found = new Map<string, Map<string, Uint8Array>>()
  let path = ''
  dump.setEncoding?.('latin1')
  for await (const line of createInterface({ input: dump, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.startsWith('# file: ')) path = pathOf(line.slice('# file: '.length))
    const [, key = '', value = ''] = /^([^#=][^=]*)=0s(.*)$/.exec(line) ?? []
    const name = unescaped(key)
    if (name === '' || !belongsToImage(name)) continue
    const those = found.get(path) ?? new Map<string, Uint8Array>()
    found.set(path, those.set(name, Buffer.from(value, 'base64')))
  }
  return found
}

function pathOf(written: string): string {
  return unescaped(written)
    .replace(/^(\.\/)+/, '')
    .replace(/^\.$/, '')
}

/** What could end a line stands as a backslash and three octal digits (attr, quote.c). */
function unescaped(written: string): string {
  const raw = written.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
  return exactText(Buffer.from(raw, 'latin1'))
}
