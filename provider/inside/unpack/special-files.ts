import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { exactBytes } from '../../archives/members/exact-text.js'
import { findProgram } from '../../io/programs/find-program.js'
import { startProgram } from '../../io/programs/start-program.js'
import type { TreeEntry } from '../tree/entry.js'
import type { Losses } from './losses.js'
import type { RootFolder } from './root-folder.js'

/** Attributes that tell overlayfs what to show: from an image they would be orders to the host (CVE-2021-3493, CVE-2023-0386). */
const ORDERS = /^(trusted|user)\.overlay\./

/**
 * Creates what Node cannot: devices, pipes and extended attributes, each with the program that every Linux
 * has for it.
 */
export class SpecialFiles {
  private readonly attributes: Buffer[] = []
  private readonly withAttributes: string[] = []

  constructor(
    private readonly folder: RootFolder,
    private readonly losses: Losses,
  ) {}

  /** @throws what starting a program throws */
  async make(entry: TreeEntry): Promise<void> {
    const { kind, device = { major: 0, minor: 0 } } = entry
    const [letter, what] =
      kind === 'fifo' ? ['p', 'a pipe'] : [kind === 'block-device' ? 'b' : 'c', 'a device']
    if (!findProgram('mknod'))
      return this.folder.leaveOut(entry.path, `${what}, and there is no program mknod`)
    const place = this.folder.roomFor(entry)
    if (place === undefined) return
    if (typeof place !== 'string')
      return this.folder.leaveOut(entry.path, `${what} with a name that is not UTF-8`)
    const numbers = kind === 'fifo' ? [] : [String(device.major), String(device.minor)]
    const said = await run('mknod', ['--', place, letter, ...numbers])
    if (said === '') this.folder.finishSpecial(entry)
    else this.folder.leaveOut(entry.path, `${what}: ${said}`)
  }

  /** Notes the attributes of an entry, which `setAttributes` sets. */
  note({ path, xattrs }: TreeEntry): void {
    if (!xattrs || this.folder.isLeftOut(path)) return
    const lines: string[] = []
    for (const [name, value] of xattrs)
      if (ORDERS.test(name))
        this.losses.add(path, `the attribute ${name}, which would be an order to this host`)
      else lines.push(`${escaped(exactBytes(name))}=0s${Buffer.from(value).toString('base64')}`)
    if (lines.length === 0) return
    this.withAttributes.push(path)
    this.attributes.push(Buffer.from(`# file: ${escaped(exactBytes(path))}\n${lines.join('\n')}\n\n`))
  }

  /** Sets all attributes that were noted. */
  async setAttributes(): Promise<void> {
    if (this.attributes.length === 0) return
    if (!findProgram('setfattr')) {
      for (const path of this.withAttributes)
        this.losses.add(path, 'its attributes, as there is no program setfattr')
      return
    }
    const said = await run(
      'setfattr',
      ['-h', '--restore=-'],
      this.folder.root,
      Buffer.concat(this.attributes),
    )
    for (const line of said.split('\n').filter((one) => one !== '')) {
      const [, path = '', why = ''] = /^(?:setfattr: )?(.*?): (.*)$/.exec(line) ?? [undefined, '', line]
      this.losses.add(path, `an attribute: ${why}`)
    }
  }
}

/** As getfattr escapes what could end a name (attr's `quote`). */
function escaped(bytes: Buffer): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w./+@:,~-]/.test(character) && byte < 0x80
      ? character
      : `\\${byte.toString(8).padStart(3, '0')}`
  }).join('')
}

/** Runs a program to its end. @returns its complaints; nothing if all went well */
async function run(name: string, args: string[], cwd?: string, input?: Buffer): Promise<string> {
  const child = startProgram(name, args, { cwd, stdio: ['pipe', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  const said = child.stderr ? text(child.stderr) : ''
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const [[code], complaint] = await Promise.all([ended, said])
  return code === 0 ? '' : complaint.trim() || `${name} ended with ${code}`
}
