import { existsSync } from 'node:fs'
import { link, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, type Descriptor, hasCode, printable } from '../../../manifests/index.js'
import type { Content, CopyPlan, ImageSink } from '../../copy/ports.js'
import { verified } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { Bytes, FileRange } from '../../io/bytes.js'
import { makeFolder, publishFile } from '../../io/files/durable.js'
import { type Lock, removeAbandoned, takeLock, unlessLost } from '../../io/files/lock.js'
import { clearName } from '../../io/files/own-file.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { planMembers } from '../in-place/formats.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { checkTarget } from '../in-place/same-members.js'
import { sevenZipMembers } from './members.js'
import { pack } from './pack.js'
import { sevenZipProgram } from './program.js'

export interface SevenZipSinkOptions {
  /** Overwrite a file of that name. */
  force: boolean
  hasher: Hasher
  /** Bytes of blobs that are files of the same disk, and are linked instead of copied. */
  linkedBytes?: number
}

/** What lies in the folder of an archive that is being made. */
const FILES = 'files'
const ARCHIVE = 'archive.7z'

/**
 * A 7z as the end of a copy: the members of an OCI archive, not compressed. 7-Zip reads files, so blobs lie
 * in a private folder beside the target until it ran: linked where they are files of the same disk. The
 * folder is removed in any case.
 */
export class SevenZipSink implements ImageSink {
  readonly label: string
  /** Of the finished file, in hex; known after the commit unless the file was there before. */
  sha256: string | undefined
  private plan: MemberPlan | undefined
  private lock: Lock | undefined
  private staged = false
  private readonly here = new Set<string>()
  private complete = false
  private signal: AbortSignal | undefined

  constructor(
    private readonly file: string,
    private readonly options: SevenZipSinkOptions,
  ) {
    this.label = file
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await sevenZipProgram()
    this.signal = signal
    this.plan = planMembers(plan, 'oci-archive')
    if (await this.isThere(this.plan, signal)) {
      await this.clearLeftovers()
      return
    }
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      await makeFolder(path.dirname(this.file))
      this.lock = await takeLock(`${this.staging}.lock`, signal ? { signal } : {})
    })
    // Another process may have finished the same archive while this one waited.
    if (await this.isThere(this.plan, signal)) return
    const size = sizeOf(this.plan)
    await checkSpace(this.file, 2 * size - (this.options.linkedBytes ?? 0))
    await inWords(`Writing ${this.file}`, 'destination', () => this.stage(this.plan as MemberPlan))
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.complete || this.here.has(digest)
  }

  async write(content: Content): Promise<void> {
    const { descriptor, range, signal } = content
    const member = this.plan?.blobs.get(descriptor.digest)
    if (!member) {
      // A document: written at the beginning.
      content.onBytes?.(descriptor.size, 'copied')
      return
    }
    const target = this.at(member)
    if (range) await this.take(content, range, target)
    else
      await writeNewFile(
        target,
        counted(verified(content.open(0), descriptor, signal ? { signal } : {}), content),
      )
    this.here.add(descriptor.digest)
  }

  /** Names are in the archive's own documents. */
  async tag(): Promise<void> {}

  async commit(): Promise<void> {
    await this.finish()
    await this.lock?.release()
  }

  async abort(): Promise<void> {
    await this.clear()
    await this.lock?.release()
  }

  /** A folder of the name that a file on its way has elsewhere. */
  private get staging(): string {
    return `${this.file}.part`
  }

  private at(member: PlannedMember): string {
    return path.join(this.staging, FILES, ...member.name.split('/'))
  }

  /** @throws FILE_EXISTS */
  private async isThere(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { force, hasher } = this.options
    const scratch = async (): Promise<string> => path.dirname(this.file)
    const open = () => sevenZipMembers(this.file, { scratch, signal })
    const known = { file: this.file, plan }
    this.complete = await checkTarget(known, open, { force, hasher, signal })
    return this.complete
  }

  private async stage(plan: MemberPlan): Promise<void> {
    await clearStaging(this.staging)
    await mkdir(this.staging, { mode: 0o700 })
    this.staged = true
    for (const folder of new Set(plan.members.map((member) => path.dirname(this.at(member)))))
      await mkdir(folder, { recursive: true })
    for (const member of plan.members)
      if (member.bytes) await writeFile(this.at(member), member.bytes, { flag: 'wx' })
  }

  /** From a file on this machine: linked and hashed where that can be, else hashed and copied in one pass. */
  private async take(content: Content, range: FileRange, target: string): Promise<void> {
    const { descriptor, signal } = content
    const isLinked = await linked(range, target)
    const source = isLinked ? { path: target, offset: 0, size: range.size } : range
    const copyTo = { path: target, offset: 0, create: true, writesBack: false }
    await verifiedRange(this.options.hasher, source, descriptor, {
      target: isLinked ? undefined : copyTo,
      label: range.path,
      onBytes: (count) => content.onBytes?.(count, 'copied'),
      signal,
    })
  }

  private async finish(): Promise<void> {
    const { plan } = this
    if (this.complete || !plan) return
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      const made = path.join(this.staging, ARCHIVE)
      await pack(made, path.join(this.staging, FILES), plan.members, this.signal)
      const { size } = await stat(made)
      const source = { path: made, offset: 0, size }
      this.sha256 = (await this.options.hasher.run({ source, algorithm: 'sha256' })).hex
      await publishFile(made, this.file, { mode: 0o644, lock: this.lock })
    })
    await this.clear()
  }

  /** Of a run that was killed between giving the file its name and the end. */
  private async clearLeftovers(): Promise<void> {
    try {
      if (!existsSync(this.staging)) return await removeAbandoned(`${this.staging}.lock`)
      const lock = await takeLock(`${this.staging}.lock`, { patience: 0 })
      await rm(this.staging, { recursive: true, force: true, maxRetries: 3 })
      await lock.release()
    } catch (error) {
      if (!hasCode(error, 'STORE_LOCKED')) throw error
    }
  }

  private async clear(): Promise<void> {
    const remove = (): Promise<void> => rm(this.staging, { recursive: true, force: true, maxRetries: 3 })
    if (this.staged) await unlessLost(this.lock, remove)
  }
}

/** What a run that was killed left is removed, a folder only where it holds nothing but what is made in it. */
async function clearStaging(folder: string): Promise<void> {
  const stats = await lstat(folder).catch(() => undefined)
  if (!stats?.isDirectory()) return await clearName(folder)
  const foreign = (await readdir(folder)).find((name) => name !== FILES && !name.startsWith(ARCHIVE))
  if (foreign === undefined) return await rm(folder, { recursive: true, force: true })
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

/** Removing a link on Windows would change the attributes of the file that it shares; there it is copied. */
async function linked(range: FileRange, target: string): Promise<boolean> {
  if (range.offset !== 0 || process.platform === 'win32') return false
  if ((await stat(range.path)).size !== range.size) return false
  return await link(range.path, target).then(
    () => true,
    () => false,
  )
}

async function* counted(bytes: Bytes, content: Content): Bytes {
  for await (const chunk of bytes) {
    yield chunk
    content.onBytes?.(chunk.length, 'copied')
  }
}
