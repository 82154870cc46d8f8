import { show } from '../../../manifests/index.js'

/** What a file really is that somebody took for an archive, and what to do about it. */
export interface Mistaken {
  what: string
  remedy: string
}

const FETCH_AGAIN =
  'Fetch the file again: sign in where that is wanted, and give the address of the file itself.'
const NO_REDIRECT =
  'Its bytes are lost: write the file again without > of PowerShell, with an option of the program such as `docker save -o FILE IMAGE`.'
const UNPACK = 'Take out of it what is an archive of images, and give that.'

/** By the first bytes. Text is looked at below. */
const BEGINNINGS: [string | number[], string, string][] = [
  [[0xff, 0xfe], 'text in UTF-16, as > of PowerShell writes it', NO_REDIRECT],
  [[0xfe, 0xff], 'text in UTF-16, as > of PowerShell writes it', NO_REDIRECT],
  [
    'version https://git-lfs.github.com/spec/',
    'a pointer of Git LFS, and not the file that it stands for',
    'Fetch the file itself with `git lfs pull`.',
  ],
  [
    '/annex/objects/',
    'a pointer of git-annex, and not the file that it stands for',
    'Fetch the file itself with `git annex get`.',
  ],
  ['Rar!\x1a\x07', 'a RAR archive', 'Unpack it, and give what was in it.'],
  ['%PDF-', 'a PDF document', FETCH_AGAIN],
  ['!<arch>\n', 'a package of Debian, or a library', UNPACK],
  [[0xed, 0xab, 0xee, 0xdb], 'an RPM package', UNPACK],
  ['MSCF', 'a cabinet of Windows', UNPACK],
  ['QFI\xfb', 'a disk of a virtual machine (qcow2)', 'Save its root filesystem as a tar, and give that.'],
  ['vhdxfile', 'a disk of a virtual machine (VHDX)', 'Save its root filesystem as a tar, and give that.'],
  ['conectix', 'a disk of a virtual machine (VHD)', 'Save its root filesystem as a tar, and give that.'],
  ['KDMV', 'a disk of a virtual machine (VMDK)', 'Save its root filesystem as a tar, and give that.'],
  ['hsqs', 'a squashfs file system', 'Save what is in it as a tar, and give that.'],
  [
    '#!/usr/bin/env run-singularity',
    'an image of Singularity (SIF)',
    'Save the image as an OCI archive, and give that.',
  ],
  ['\x7fELF', 'a program', FETCH_AGAIN],
  ['MZ', 'a program of Windows', FETCH_AGAIN],
]

const AS_TAR = 'Save its root filesystem as a tar, and give that.'

/** Further in: boot code or zeros come before these. */
const FURTHER_IN: [number, string | number[], string, string][] = [
  [0x8001, 'CD001', 'an image of a CD or DVD (ISO)', UNPACK],
  [0x8001, 'BEA01', 'an image of a DVD (UDF)', UNPACK],
  [0x438, [0x53, 0xef], 'a file system (ext)', AS_TAR],
  [0x200, 'EFI PART', 'an image of a whole disk', AS_TAR],
  [0x1fe, [0x55, 0xaa], 'an image of a whole disk', AS_TAR],
]

/** So much of a file tells what it is. */
export const TELLING_BYTES = 0x8006

/**
 * What a file is that is not an archive of ours, where its first bytes tell.
 * @param start of the file, `TELLING_BYTES` of it or all of a shorter one
 */
export function mistakenFor(start: Uint8Array): Mistaken | undefined {
  const whole = Buffer.from(start)
  const further = FURTHER_IN.find(([at, sign]) => startsWith(whole.subarray(at), asBytes(sign)))
  if (further) return { what: further[2], remedy: further[3] }
  const bytes = whole.subarray(0, 512)
  const found = BEGINNINGS.find(([sign]) => startsWith(bytes, asBytes(sign)))
  if (found) return { what: found[1], remedy: found[2] }
  if (bytes.length > 0 && bytes.every((byte) => byte === 0))
    return {
      what: 'zeros, as of a download that was begun and not ended',
      remedy: 'Fetch the file again, and compare its SHA-256 with that of where it came from.',
    }
  return mistakenText(bytes)
}

function asBytes(sign: string | number[]): Buffer {
  return typeof sign === 'string' ? Buffer.from(sign, 'latin1') : Buffer.from(sign)
}

function startsWith(bytes: Buffer, sign: Buffer): boolean {
  return bytes.subarray(0, sign.length).equals(sign)
}

function mistakenText(bytes: Buffer): Mistaken | undefined {
  // A block may end within a character.
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replace(/\ufffd+$/, '')
  if (text.trim() === '' || /[\ufffd\p{Cc}]/u.test(text.replace(/\s/g, ''))) return undefined
  const start = text.trimStart()
  if (/^<(!doctype\s+html|html|head|body|script|!--)/i.test(start))
    return { what: 'a web page, such as one to sign in on', remedy: FETCH_AGAIN }
  if (/^<\?xml|^<[A-Za-z]/.test(start))
    return { what: 'an answer of a server in XML, or another document', remedy: FETCH_AGAIN }
  if (/^[{[]/.test(start))
    return { what: 'a document in JSON, such as the answer of a server', remedy: FETCH_AGAIN }
  const line = (start.split(/[\r\n]/)[0] ?? '').trim()
  return { what: `text that begins with ${show(line.slice(0, 60))}`, remedy: FETCH_AGAIN }
}
