import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Peer, peer, runPeer } from '../../../peers/peers.js'
import { wimlib } from './wimlib.js'

/** Owner and group Administrators, one entry that lets Administrators change. */
export const DESCRIPTOR =
  '0100048014000000240000000000000034000000' +
  '01020000000000052000000020020000'.repeat(2) +
  '0200200001000000000018009f011200' +
  '01020000000000052000000020020000'

export const NTFS_PEERS: Peer[] = ['wimlib-imagex', 'mkntfs', 'ntfs-3g', 'setfattr', 'getfattr']

/** Whether NTFS can be mounted here; where all peers are required, that it cannot is a failure. */
export function canMountNtfs(): boolean {
  if (process.getuid?.() === 0 && existsSync('/dev/fuse')) return true
  if (process.env.REQUIRE_PEERS) throw new Error('mounting NTFS needs root and /dev/fuse')
  return false
}

export interface CapturedNtfs {
  file: string
  /** The junction's buffer without its head. */
  junction: Buffer
  /** Creation, change, access: FILETIMEs of file.txt. */
  times: Buffer
}

/** Makes an NTFS volume with one file for each kind of metadata, and has wimlib capture it. */
export async function captureNtfs(folder: string, ...options: string[]): Promise<CapturedNtfs> {
  const volume = path.join(folder, 'volume')
  const mount = path.join(folder, 'mount')
  await mkdir(mount)
  await writeFile(volume, '')
  await truncate(volume, 16 << 20)
  runPeer('mkntfs', ['-F', '-Q', volume])
  runPeer('ntfs-3g', ['-o', 'no_def_opts,streams_interface=xattr', volume, mount])
  let junction: Buffer
  let times: Buffer
  try {
    junction = await fill(mount)
    times = attribute(path.join(mount, 'file.txt'), 'system.ntfs_times')
  } finally {
    spawnSync('umount', [mount])
  }
  const file = path.join(folder, 'ntfs.wim')
  wimlib('capture', volume, file, 'ntfs', '--compress=LZX', '--norpfix', ...options)
  return { file, junction, times }
}

/** Makes one file for each kind of metadata; gives the junction's buffer without its head. */
async function fill(mount: string): Promise<Buffer> {
  const at = (name: string) => path.join(mount, name)
  for (const name of ['file.txt', 'sd', 'attributes', 'a long name.txt', 'oid', 'other'])
    await writeFile(at(name), '')
  await writeFile(at('file.txt'), 'hello')
  set(at('file.txt'), 'user.stream', Buffer.from('in a stream'))
  set(at('file.txt'), 'user.empty', Buffer.alloc(0))
  await mkdir(at('folder'))
  set(at('folder'), 'user.of the folder', Buffer.from('x'))
  await link(at('file.txt'), at('folder/hard link'))
  set(at('sd'), 'system.ntfs_acl', Buffer.from(DESCRIPTOR, 'hex'))
  set(at('attributes'), 'system.ntfs_attrib', Buffer.from([0x27, 0, 0, 0]))
  set(at('a long name.txt'), 'system.ntfs_dos_name', Buffer.from('ALONGN~1.TXT'))
  set(at('oid'), 'system.ntfs_object_id', Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
  await mkdir(at('junction'))
  const names = ['\\??\\C:\\target', 'C:\\target'].map((name) => Buffer.from(`${name}\0`, 'utf16le'))
  const [substitute = Buffer.alloc(0), print = Buffer.alloc(0)] = names
  const lengths = [0, substitute.length - 2, substitute.length, print.length - 2]
  const buffer = Buffer.concat([Buffer.from(Uint16Array.from(lengths).buffer), substitute, print])
  set(at('junction'), 'system.ntfs_reparse_data', withHead(0xa0000003, buffer))
  set(at('other'), 'system.ntfs_reparse_data', withHead(0x80000013, Buffer.alloc(20, 17)))
  return buffer
}

function withHead(tag: number, buffer: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(tag, 0)
  head.writeUInt16LE(buffer.length, 4)
  return Buffer.concat([head, buffer])
}

function set(file: string, name: string, value: Buffer): void {
  const text = value.length > 0 ? `0x${value.toString('hex')}` : ''
  runPeer('setfattr', ['-n', name, '-v', text, file])
}

function attribute(file: string, name: string): Buffer {
  const program = peer('getfattr') ?? ''
  return spawnSync(program, ['--absolute-names', '--only-values', '-n', name, file]).stdout
}
