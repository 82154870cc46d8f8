import { existsSync } from 'node:fs'
import { link, lstat, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { ContainerImageError, hasCode, impossible, printable } from '../../../manifests/index.js'
import type { Content, CopyPlan } from '../../copy/ports.js'
import { verified } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { FileRange } from '../../io/bytes.js'
import { publishFile } from '../../io/files/durable.js'
import { removeAbandoned, takeLock, unlessLost } from '../../io/files/lock.js'
import { clearName } from '../../io/files/own-file.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { counted, PlannedSink, type PlannedSinkOptions } from '../in-place/planned-sink.js'
import { checkTarget } from '../in-place/same-members.js'
import { summing } from '../in-place/summing.js'
import { sevenZipMembers } from './members.js'
import { pack, testPacked } from './pack.js'
import { sevenZipProgram } from './program.js'

export interface SevenZipSinkOptions extends PlannedSinkOptions {
  /** Bytes of blobs that are files on the same disk, and are linked instead of copied. */
  linkedBytes?: number
}

/** The folder for the files of an archive that is being made. */
const FILES = 'files'
const ARCHIVE = 'archive.7z'

/**
 * A 7z as the destination of a copy: the members of an OCI archive, not compressed. 7-Zip reads files, so blobs are
 * kept in a private folder beside the target until it has run: linked if they are files on the same disk. The folder,
 * which has the name that other formats give an unfinished file, is always removed.
 */
export class SevenZipSink extends PlannedSink {
  private staged = false
  private signal: AbortSignal | undefined
  /** CRC-32s of the bytes that were checked, by the members' names. */
  private readonly sums = new Map<string, number>()

  constructor(
    file: string,
    protected override readonly options: SevenZipSinkOptions,
  ) {
    super(file, options)
  }

  override async begin(plan: CopyPlan, options: { signal?: AbortSignal } = {}): Promise<void> {
    await sevenZipProgram()
    this.signal = options.signal
    await super.begin(plan, options)
  }

  protected async isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { label: file, options } = this
    const scratch = async (): Promise<string> => path.dirname(file)
    return await checkTarget({ file, plan }, () => sevenZipMembers(file, { scratch, signal }), {
      ...options,
      signal,
    })
  }

  protected async start(plan: MemberPlan): Promise<void> {
    await checkSpace(this.label, 2 * sizeOf(plan) - (this.options.linkedBytes ?? 0))
    await inWords(`Writing ${this.label}`, 'destination', () => this.stage(plan))
  }

  protected async take(content: Content, member: PlannedMember): Promise<void> {
    const { descriptor, range, signal } = content
    const target = this.at(member)
    const sum = { crc32: 0 }
    if (range) sum.crc32 = await this.takeFile(content, range, target)
    else {
      const bytes = verified(content.open(0), descriptor, { signal })
      await writeNewFile(target, counted(summing(bytes, sum), content))
    }
    this.sums.set(member.name, sum.crc32)
  }

  protected async drop(): Promise<void> {
    await this.clear()
  }

  private at(member: PlannedMember): string {
    return path.join(this.partName, FILES, ...member.name.split('/'))
  }

  private async stage(plan: MemberPlan): Promise<void> {
    await clearStaging(this.partName)
    await mkdir(this.partName, { mode: 0o700 })
    this.staged = true
    for (const folder of new Set(plan.members.map((member) => path.dirname(this.at(member)))))
      await mkdir(folder, { recursive: true })
    for (const member of plan.members)
      if (member.bytes) {
        await writeFile(this.at(member), member.bytes, { flag: 'wx' })
        this.sums.set(member.name, crc32(member.bytes))
      }
  }

  /**
   * From a file on this machine: linked and hashed if possible, else hashed and copied in one pass.
   * @returns the CRC-32
   */
  private async takeFile(content: Content, range: FileRange, target: string): Promise<number> {
    const { descriptor, signal } = content
    const isLinked = await linked(range, target)
    const source = isLinked ? { path: target, offset: 0, size: range.size } : range
    const copyTo = { path: target, offset: 0, create: true, writesBack: false }
    const crc32 = await verifiedRange(this.options.hasher, source, descriptor, {
      target: isLinked ? undefined : copyTo,
      label: range.path,
      onBytes: (count) => content.onBytes?.(count, 'copied'),
      signal,
      sumsCrc32: true,
    })
    return crc32 ?? impossible(`${this.label} has a member without a sum.`)
  }

  protected async finish(plan: MemberPlan): Promise<void> {
    await inWords(`Writing ${this.label}`, 'destination', async () => {
      const made = path.join(this.partName, ARCHIVE)
      const members = plan.members.map((member) => ({ ...member, crc32: this.sums.get(member.name) ?? 0 }))
      const listed = await pack(made, path.join(this.partName, FILES), members, this.signal)
      this.sha256 = await testPacked(made, listed, this.options.hasher, this.signal)
      await publishFile(made, this.label, { mode: 0o644, lock: this.lock })
    })
    await this.clear()
  }

  /** Leftovers of a run that was killed after it gave the file its name. */
  protected override async clearLeftovers(): Promise<void> {
    try {
      if (!existsSync(this.partName)) return await removeAbandoned(`${this.partName}.lock`)
      const lock = await takeLock(`${this.partName}.lock`, { patience: 0 })
      await removePath(this.partName, { recursive: true })
      await lock.release()
    } catch (error) {
      if (!hasCode(error, 'STORE_LOCKED')) throw error
    }
  }

  private async clear(): Promise<void> {
    const remove = (): Promise<void> => removePath(this.partName, { recursive: true })
    if (this.staged) await unlessLost(this.lock, remove)
  }
}

/** Removes what a killed run left, and a folder only if it holds nothing but what is made in it. */
async function clearStaging(folder: string): Promise<void> {
  const stats = await lstat(folder).catch(() => undefined)
  if (!stats?.isDirectory()) return await clearName(folder)
  const foreign = (await readdir(folder)).find((name) => name !== FILES && !name.startsWith(ARCHIVE))
  if (foreign === undefined) return await removePath(folder, { recursive: true })
  throw new ContainerImageError(
    'IN_THE_WAY',
    `${folder} is a folder with files that this program did not make.`,
    {
      side: 'destination',
      expected: 'nothing, or what an earlier run left',
      found: printable(foreign),
    },
  )
}

function sizeOf(plan: MemberPlan): number {
  return plan.members.reduce((sum, { size }) => sum + size, 0)
}

/** Removing a link on Windows would change the attributes of the file that it shares; there the file is copied. */
async function linked(range: FileRange, target: string): Promise<boolean> {
  if (range.offset !== 0 || process.platform === 'win32') return false
  if ((await stat(range.path)).size !== range.size) return false
  return await link(range.path, target).then(
    () => true,
    () => false,
  )
}
