import { ntfsUpcase } from '../../../../../provider/formats/wim/read/upcase.js'
import type { TarMember } from './read-tar.js'

/** What Windows would have after the import of a base layer. */
export interface Imported {
  hasUtilityVm: boolean
  /** By path; streams by name. */
  files: Map<string, { attributes: number; streams: string[]; linkTo?: string; isMountPoint?: boolean }>
}

/**
 * Walks through a layer as Windows' importer does with a base layer. Its rules, with their places
 * (github.com/microsoft/hcsshim at 7c9ff7f, github.com/microsoft/go-winio at ad3df93):
 *
 * - pkg/ociwclayer/import.go, writeLayerFromTar: a member whose last part begins with `.wh.` removes something, and
 *   internal/wclayer/baselayerwriter.go, Remove: a base layer may not. A hard link names a file that is there.
 * - backuptar/tar.go, FileInfoFromHeader: attributes are decimal digits of 32 bits, times are those of parsePAXTime
 *   (backuptar/strconv.go); a member is a folder by its attributes, where it has any.
 * - baselayerwriter.go, Add: `UtilityVM/Files`, compared as it stands, says that there is a utility VM. A file is made
 *   anew (FILE_CREATE): its folder must be there, and no other file of its name.
 * - internal/safefile/safeopen.go, cleanGoStringRelativePath: no colon, no backslash at the start; openRelativeInternal: no
 *   reparse point among the folders of a path (OBJ_DONT_REPARSE).
 * - backuptar/tar.go, WriteBackupStreamFromTarFile: regular members directly behind, whose names begin with the whole
 *   name of the member and a colon, are its streams. Values of MSWINDOWS.rawsd and MSWINDOWS.xattr. are base64.
 * - ea.go, writeEa: names of extended attributes have at most 255 bytes, values 65,535.
 * - backup.go and safeopen.go: names go through Go's UTF-16, which has no halves of characters.
 */
export function importLayer(members: readonly TarMember[]): Imported {
  const files: Imported['files'] = new Map()
  const made = new Map<string, { isFolder: boolean; isReparse: boolean }>()
  let hasUtilityVm = false
  const fail = (name: string, what: string): never => {
    throw new Error(`${JSON.stringify(name)}: ${what}`)
  }
  const key = (name: string): string => ntfsUpcase(name.replace(/\/$/, ''))
  const checkPath = (name: string): void => {
    if (name.includes(':')) fail(name, 'path contains invalid character `:`')
    if (/^[/\\]/.test(name)) fail(name, 'expected relative path')
    if (/\ufffd|\p{Surrogate}/u.test(name)) fail(name, 'is another name in UTF-16')
    const parts = name.replace(/\/$/, '').split('/')
    for (let i = 1; i < parts.length; i++) {
      const above = made.get(key(parts.slice(0, i).join('/')))
      if (!above?.isFolder || above.isReparse) fail(name, 'the folder above it is none')
    }
  }
  for (let at = 0; at < members.length; ) {
    const member = members[at] as TarMember
    const { name, type, link, records } = member
    const base = name.replace(/\/$/, '').split('/').at(-1) ?? ''
    if (base.startsWith('.wh.')) fail(name, 'base layer cannot have tombstones')
    checkPath(name)
    if (made.has(key(name))) fail(name, 'the file exists')
    at++
    if (type === '1') {
      checkPath(link)
      const target = made.get(key(link)) ?? fail(name, 'it is linked to nothing')
      if (target.isFolder) fail(name, 'it is linked to a folder')
      made.set(key(name), target)
      files.set(name, { attributes: 0, streams: [], linkTo: link })
      continue
    }
    const said = records['MSWINDOWS.fileattr']
    if (said !== undefined && !(/^\d+$/.test(said) && Number(said) <= 0xffffffff)) fail(name, said)
    const attributes = said === undefined ? (type === '5' ? 0x10 : 0) : Number(said)
    for (const time of ['LIBARCHIVE.creationtime', 'mtime', 'atime', 'ctime'])
      if (!/^-?\d+(\.\d*)?$/.test(records[time] ?? '0')) fail(name, `the time ${records[time]}`)
    if (name === 'UtilityVM/Files') hasUtilityVm = true
    for (const [record, value] of Object.entries(records)) {
      const ea = record.startsWith('MSWINDOWS.xattr.') ? record.slice('MSWINDOWS.xattr.'.length) : undefined
      if (ea === undefined && record !== 'MSWINDOWS.rawsd') continue
      const bytes = Buffer.from(value, 'base64')
      if (bytes.toString('base64') !== value) fail(name, `${record} is not base64`)
      if (ea !== undefined && (Buffer.byteLength(ea) > 255 || bytes.length > 65535)) fail(name, record)
    }
    const isFolder = (attributes & 0x10) !== 0
    if (type === '5' && !isFolder) fail(name, 'a folder that is made as a file')
    if (type === '0' && isFolder) fail(name, 'a file that is made as a folder')
    made.set(key(name), { isFolder, isReparse: type === '2' })
    const streams: string[] = []
    for (
      let next = members[at];
      next?.type === '0' && next.name.startsWith(`${name}:`);
      next = members[++at]
    ) {
      const stream = next.name.slice(name.length + 1)
      if (/[:/\\\ufffd]|\p{Surrogate}/u.test(stream)) fail(next.name, 'no stream can have this name')
      if (streams.some((one) => ntfsUpcase(one) === ntfsUpcase(stream))) fail(next.name, 'the stream exists')
      streams.push(stream)
    }
    const isMountPoint = records['MSWINDOWS.mountpoint'] !== undefined
    files.set(name, { attributes, streams, ...(type === '2' ? { linkTo: link, isMountPoint } : {}) })
  }
  return { hasUtilityVm, files }
}
