import {
  closeSync,
  constants,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import type { Cursor } from '../members/cursor.js'
import { unsafe } from '../members/member-names.js'
import type { LayerMember } from './layer-members.js'
import { type Losses, lostRecords } from './losses.js'

const CHUNK = 1024 * 1024

/**
 * Lays the members of layers out in a folder. Calls are synchronous and files are written from buffers: an
 * image has a hundred thousand small ones. Nothing is ever written through a link: a member goes only into
 * folders that were made here.
 */
export class FolderWriter {
  bytes = 0
  private readonly folders = new Map<string, number>([['', 0]])
  private lastFile = ''
  private lastWritten = false

  constructor(
    private readonly root: string,
    private readonly label: string,
    private readonly losses: Losses,
  ) {}

  async add(member: LayerMember, cursor: Cursor): Promise<void> {
    if (member.name === '') return
    if (this.isStream(member)) return await this.addStream(member, cursor)
    if (this.whiteOut(member)) return
    this.lastFile = member.name
    try {
      await this.make(member, cursor)
      this.lastWritten = true
      const lost = lostRecords(member.records)
      if (member.type === '2') lost.push(...linkLosses(member))
      if (member.type === '1') lost.length = 0
      this.losses.add(member.name, lost)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // The file system's own limits are what the report is for; anything else is a failure.
      if (code !== 'ENAMETOOLONG' && code !== 'EILSEQ' && code !== 'EINVAL') throw error
      this.lastWritten = false
      this.losses.add(member.name, [`the whole file, as this file system does not take its name (${code})`])
    }
  }

  /** The times of folders, which changed with all that came into them. */
  end(): void {
    for (const [name, mtime] of [...this.folders].reverse())
      if (name !== '') utimesSync(this.at(name), mtime, mtime)
  }

  private async make(member: LayerMember, cursor: Cursor): Promise<void> {
    if (member.type === '5') {
      this.makeFolder(member.name)
      this.folders.set(member.name, member.mtime)
      return
    }
    this.makeFolder(parentOf(member.name))
    this.clear(member.name)
    if (member.type === '0') await this.writeFile(this.at(member.name), member, cursor)
    else if (member.type === '1') this.link(member)
    else if (member.type === '2') this.symlink(member)
    else this.losses.add(member.name, ['a device'])
  }

  private async writeFile(file: string, member: LayerMember, cursor: Cursor): Promise<void> {
    const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644)
    try {
      for (let left = member.size; left > 0; ) {
        const bytes = await cursor.take(Math.min(left, CHUNK))
        if (bytes.length === 0) throw new Error(`${this.label} ends inside ${member.name}`)
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
        left -= bytes.length
      }
      futimesSync(fd, member.mtime, member.mtime)
    } finally {
      closeSync(fd)
    }
    this.bytes += member.size
  }

  private link(member: LayerMember): void {
    if (!this.folders.has(parentOf(member.target))) throw unsafe(member.target, this.label)
    linkSync(this.at(member.target), this.at(member.name))
  }

  private symlink(member: LayerMember): void {
    symlinkSync(localTarget(member), this.at(member.name))
    lutimesSync(this.at(member.name), member.mtime, member.mtime)
  }

  /** Makes a folder and those above it; what stands in the way must be folders made here. */
  private makeFolder(name: string): void {
    if (this.folders.has(name)) return
    this.makeFolder(parentOf(name))
    this.clear(name)
    mkdirSync(this.at(name))
    this.folders.set(name, 0)
  }

  /** A later layer replaces what an earlier one brought. */
  private clear(name: string): void {
    const there = lstatSync(this.at(name), { throwIfNoEntry: false })
    if (!there) return
    if (there.isDirectory())
      for (const folder of this.folders.keys())
        if (folder === name || folder.startsWith(`${name}/`)) this.folders.delete(folder)
    rmSync(this.at(name), { recursive: true, force: true })
  }

  /** OCI image-spec, layer.md, "Whiteouts". */
  private whiteOut(member: LayerMember): boolean {
    const base = path.posix.basename(member.name)
    if (!base.startsWith('.wh.')) return false
    const folder = parentOf(member.name)
    if (!this.folders.has(folder)) return true
    if (base !== '.wh..wh..opq') this.clear(folder === '' ? base.slice(4) : `${folder}/${base.slice(4)}`)
    else
      for (const name of readdirSync(this.at(folder))) this.clear(folder === '' ? name : `${folder}/${name}`)
    return true
  }

  private isStream(member: LayerMember): boolean {
    return member.type === '0' && this.lastFile !== '' && member.name.startsWith(`${this.lastFile}:`)
  }

  /** NTFS takes a stream under its own name; elsewhere it is told, with its size. */
  private async addStream(member: LayerMember, cursor: Cursor): Promise<void> {
    if (process.platform === 'win32' && this.lastWritten)
      await this.writeFile(this.at(member.name), member, cursor)
    else
      this.losses.add(this.lastFile, [
        `alternate data stream ${member.name.slice(this.lastFile.length + 1)} of ${member.size} bytes`,
      ])
  }

  private at(name: string): string {
    return path.join(this.root, name)
  }
}

function parentOf(name: string): string {
  const at = name.lastIndexOf('/')
  return at < 0 ? '' : name.slice(0, at)
}

/** Relative targets work with slashes; the rest keeps the spelling of Windows and leads nowhere else. */
function localTarget({ target }: LayerMember): string {
  if (process.platform === 'win32' || isAbsolute(target)) return target
  return target.replaceAll('\\', '/')
}

function isAbsolute(target: string): boolean {
  return /^(\\|[A-Za-z]:)/.test(target)
}

function linkLosses({ target, records }: LayerMember): string[] {
  if (records.get('MSWINDOWS.mountpoint') === '1') return [`junction to ${target}, made as a symlink`]
  return isAbsolute(target) ? [`symlink to ${target}, which leads nowhere here`] : []
}
