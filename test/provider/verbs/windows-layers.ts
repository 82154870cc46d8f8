import type { TarMember } from '../../fixtures/tar.js'
import { DESCRIPTOR } from '../formats/wim/ntfs-volume.js'

/** All that Windows' own tools write of a file into a layer. */
export function facts(
  attributes: number,
  more: Record<string, string> = {},
): { records: Record<string, string> } {
  return {
    records: {
      'MSWINDOWS.fileattr': String(attributes),
      'MSWINDOWS.rawsd': Buffer.from(DESCRIPTOR, 'hex').toString('base64'),
      'LIBARCHIVE.creationtime': '1460000000.1234567',
      atime: '1460000001.0000001',
      mtime: '1460000002.5',
      ...more,
    },
  }
}

const folder = (name: string, more?: Record<string, string>): TarMember => ({
  name: `${name}/`,
  type: '5',
  ...facts(0x10, more),
})
const file = (name: string, bytes: string | Buffer, more?: Record<string, string>): TarMember => ({
  name,
  bytes,
  ...facts(0x20, more),
})

const KEPT: TarMember[] = [
  folder('Files'),
  folder('Files/Windows', { mtime: '1460000003.0000009' }),
  file('Files/Windows/explorer.exe', 'MZ', { 'MSWINDOWS.fileattr': '38' }),
  { name: 'Files/Windows/explorer.exe:Zone.Identifier', bytes: '[ZoneTransfer]' },
  { name: 'Files/Windows/explorer.exe:empty', bytes: '' },
  file('Files/Windows/ea', 'x', {
    'MSWINDOWS.xattr.$KERNEL.PURGE.X': Buffer.from([0, 1, 255]).toString('base64'),
  }),
  file('Files/Windows/empty', ''),
  file('Files/Ünïcödé 目录.txt', 'names'),
  {
    name: 'Files/Documents and Settings',
    type: '2',
    target: 'C:\\Users',
    ...facts(0x410, { 'MSWINDOWS.mountpoint': '1' }),
  },
  { name: 'Files/relative', type: '2', target: 'Windows\\ea', ...facts(0x400) },
  { name: 'Files/to folder', type: '2', target: 'C:\\Windows', ...facts(0x410) },
]
const LINK: TarMember = { name: 'Files/hard link', type: '1', target: 'Files/Windows/ea', ...facts(0x20) }
const VM: TarMember[] = [
  folder('UtilityVM'),
  folder('UtilityVM/Files'),
  file('UtilityVM/Files/boot', 'boot'),
  folder('UtilityVM/Files/EFI'),
]

/** A base layer, a layer that changes and removes, and one more with an opaque whiteout. */
export const WINDOWS_LAYERS: TarMember[][] = [
  [
    ...KEPT.slice(0, 2),
    file('Files/Windows/explorer.exe', 'before'),
    file('Files/removed', 'removed'),
    folder('Files/removed folder'),
    file('Files/removed folder/inside', 'inside'),
    folder('Files/Temp'),
    file('Files/Temp/old', 'old'),
    ...KEPT.slice(5),
    LINK,
    ...VM,
    file('UtilityVM/Files/removed', 'removed'),
  ],
  [
    folder('Files'),
    folder('Files/Windows', { mtime: '1460000003.0000009' }),
    ...KEPT.slice(2, 5),
    // The case of a whiteout does not matter to Windows.
    { name: 'Files/.wh.REMOVED' },
    { name: 'Files/.wh.removed folder' },
    { name: 'UtilityVM/Files/.wh.removed' },
  ],
  [folder('Files'), folder('Files/Temp'), file('Files/Temp/new', 'new'), { name: 'Files/Temp/.wh..wh..opq' }],
]

/** What they make together. */
export const WINDOWS_TREE: TarMember[] = [
  ...KEPT,
  LINK,
  folder('Files/Temp'),
  file('Files/Temp/new', 'new'),
  ...VM,
]
