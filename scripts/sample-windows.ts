import { createHash } from 'node:crypto'
import type {
  WimContent,
  WimSourceEntry,
  WimSourceImage,
  WimSourceStream,
} from '../provider/formats/wim/write/index.js'
import { windowsReparse } from '../provider/formats/wim/write/reparse-buffers.js'

/** The properties of a made-up Windows image. */
export interface SampleWindows {
  name: string
  version: string
  summary: string
  edition: string
  installationType: string
  /** The size of its largest file, which does not compress, in bytes. */
  size: number
}

/** 20 April 2016, when Technical Preview 5 came out, as FILETIME. */
const BUILT = 131055840000000000n
const READ_ONLY_SYSTEM = 0x27
const HIVES = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT']
const COMPONENT = 'amd64_microsoft-windows-commandprompt_31bf3856ad364e35'

type Facts = Partial<WimSourceEntry>

/** A tree in the shape of Windows, with everything that a base image has: hives, streams, links, descriptors. */
export function windowsImage(sample: SampleWindows): WimSourceImage {
  const { name, version, summary, edition, installationType, size } = sample
  const shell = { content: programLike(`${version} cmd`, 232_448), linkGroup: 1 }
  const fromAfar = [{ name: 'Zone.Identifier', content: text('[ZoneTransfer]\r\nZoneId=3\r\n') }]
  const root = folder('', [
    folder('Windows', [
      folder('System32', [
        folder(
          'config',
          HIVES.map((hive) => file(hive, hiveContent(hive, version))),
        ),
        folder('drivers', [file('ntfs.sys', programLike(`${version} ntfs`, 65_536))]),
        entry('cmd.exe', 0x20, shell),
        file('kernel32.dll', programLike(`${version} kernel32`, 300_000)),
        file('license.rtf', text('A made-up image for the demo.\r\n'), fromAfar),
        file('ntoskrnl.exe', { size, open: () => once(noise(`${name} ${version}`, size)) }),
        file('version.txt', text(`${name} ${version}\r\n`)),
      ]),
      folder('WinSxS', [folder(`${COMPONENT}_${version}_none`, [entry('cmd.exe', 0x20, shell)])]),
    ]),
    folder('ProgramData', []),
    folder('Users', [
      folder('Default', [entry('NTUSER.DAT', 0x22, { content: hiveContent('NTUSER', version) })]),
    ]),
    junction('Documents and Settings', 'C:\\Users'),
    entry('BOOTNXT', READ_ONLY_SYSTEM, { content: text('\x01') }),
  ])
  return {
    name,
    description: summary,
    info: {
      flags: edition,
      createdAt: BUILT,
      modifiedAt: BUILT,
      windows: {
        architecture: 'amd64',
        productName: 'Microsoft Windows Operating System',
        editionId: edition,
        installationType,
        productType: 'ServerNT',
        systemRoot: 'WINDOWS',
        languages: ['en-US'],
        defaultLanguage: 'en-US',
        version,
        servicePackLevel: 0,
      },
    },
    root,
  }
}

/** The second image of a base image: it boots if a container has its own virtual machine. */
export function utilityVm({ version }: SampleWindows): WimSourceImage {
  const root = folder('', [
    folder('EFI', [folder('Microsoft', [folder('Boot', [file('BCD', hiveContent('BCD', version))])])]),
    folder('Windows', [
      folder('System32', [file('winload.efi', programLike(`${version} winload`, 131_072))]),
    ]),
  ])
  return { name: 'UtilityVM', info: { createdAt: BUILT, modifiedAt: BUILT }, root }
}

function entry(name: string, attributes: number, facts: Facts = {}): WimSourceEntry {
  const times = { createdAt: BUILT, accessedAt: BUILT, writtenAt: BUILT }
  return { name, attributes, ...times, securityDescriptor: DESCRIPTOR, ...facts }
}

function folder(name: string, children: WimSourceEntry[]): WimSourceEntry {
  return entry(name, 0x10, { children })
}

function file(name: string, content: WimContent, namedStreams: WimSourceStream[] = []): WimSourceEntry {
  return entry(name, 0x20, { content, namedStreams })
}

/** Hidden, system, not indexed, as in Windows. */
function junction(name: string, target: string): WimSourceEntry {
  return entry(name, 0x2416, { reparse: windowsReparse(target, true) })
}

function text(value: string): WimContent {
  const bytes = Buffer.from(value)
  return { size: bytes.length, open: () => once(bytes) }
}

/** A hive begins with `regf`; most of it is empty. */
function hiveContent(hive: string, version: string): WimContent {
  const bytes = Buffer.alloc(32_768)
  bytes.write(`regf ${hive} ${version}`)
  return { size: bytes.length, open: () => once(bytes) }
}

/** Bytes that compress to about a half, like programs. */
function programLike(seed: string, size: number): WimContent {
  const open = () => once(Buffer.from(noise(seed, Math.ceil(size / 2)).toString('hex')).subarray(0, size))
  return { size, open }
}

/** Bytes that depend only on the seed and do not compress. */
export function noise(seed: string, size: number): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0; i * 64 < size; i++) blocks.push(createHash('sha512').update(`${seed} ${i}`).digest())
  return Buffer.concat(blocks, size)
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

const SYSTEM = sid(18)
const ADMINISTRATORS = sid(32, 544)
const USERS = sid(32, 545)

/** Owned by the system, which may do everything, as may administrators; users may read and run. */
const DESCRIPTOR = descriptor(SYSTEM, [
  allowed(0x1f01ff, SYSTEM),
  allowed(0x1f01ff, ADMINISTRATORS),
  allowed(0x1200a9, USERS),
])

/** A self-relative SECURITY_DESCRIPTOR ([MS-DTYP] 2.4.6) with a list of who may do what (2.4.5). */
function descriptor(owner: Buffer, entries: Buffer[]): Buffer {
  const list = Buffer.concat([Buffer.alloc(8), ...entries])
  list.writeUInt8(2, 0)
  list.writeUInt16LE(list.length, 2)
  list.writeUInt16LE(entries.length, 4)
  const head = Buffer.alloc(20)
  head.writeUInt8(1, 0)
  head.writeUInt16LE(0x8004, 2)
  head.writeUInt32LE(head.length, 4)
  head.writeUInt32LE(head.length, 8)
  head.writeUInt32LE(head.length + owner.length, 16)
  return Buffer.concat([head, owner, list])
}

/** ACCESS_ALLOWED_ACE, which also applies to what is made in the folder ([MS-DTYP] 2.4.4.2). */
function allowed(mask: number, who: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt8(3, 1)
  head.writeUInt16LE(head.length + who.length, 2)
  head.writeUInt32LE(mask, 4)
  return Buffer.concat([head, who])
}

/** `S-1-5-...` ([MS-DTYP] 2.4.2). */
function sid(...parts: number[]): Buffer {
  const bytes = Buffer.alloc(8 + 4 * parts.length)
  bytes.set([1, parts.length, 0, 0, 0, 0, 0, 5])
  for (const [i, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * i)
  return bytes
}
