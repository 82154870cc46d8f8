import { stat } from 'node:fs/promises'
import { blobPath, hasCode, splitDigest } from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { collect } from '../../copy/read-verified.js'
import { verified } from '../../copy/verified.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { fileExists, notAFile } from './file-exists.js'
import type { MemberPlan } from './member-plan.js'

export interface CheckTargetOptions {
  force: boolean
  hasher: Hasher
  signal?: AbortSignal
}

/**
 * Whether there already is a file that holds exactly the planned members; with `force` it is written again.
 * @param known with the size that the file would have, if that is known
 * @throws FILE_EXISTS if another file, or something that is not a file, is in the way
 */
export async function checkTarget(
  { file, size, plan }: { file: string; size?: number; plan: MemberPlan },
  open: () => Promise<Members>,
  { force, hasher, signal }: CheckTargetOptions,
): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined)
  if (!stats) return false
  if (stats.isFile() && force) return false
  if (!stats.isFile()) throw notAFile(file)
  if (size !== undefined && stats.size !== size) throw fileExists(file)
  if (await isTheSame(plan, open, hasher, signal)) return true
  throw fileExists(file)
}

async function isTheSame(
  plan: MemberPlan,
  open: () => Promise<Members>,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<boolean> {
  let members: Members | undefined
  try {
    members = await open()
    const files = (await members.list()).filter(({ kind }) => kind === 'file')
    if (files.length !== plan.members.length) return false
    for (const { name, size, bytes } of plan.members) {
      const there = await members.find(name)
      if (there?.kind !== 'file' || there.size !== size) return false
      if (bytes && !Buffer.from(bytes).equals(await collect(members.read(name), size + 1))) return false
    }
    return await sameBlobs(members, plan, hasher, signal)
  } catch (error) {
    if (hasCode(error, 'ARCHIVE_INVALID', 'UNSAFE_NAME', 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) return false
    throw error
  } finally {
    await members?.close()
  }
}

async function sameBlobs(
  members: Members,
  plan: MemberPlan,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<boolean> {
  const options = { signal }
  for (const { descriptor } of plan.blobs.values()) {
    if (!descriptor) continue
    const { algorithm, hex } = splitDigest(descriptor.digest)
    const source = await members.locate(blobPath(descriptor.digest))
    if (source) {
      if ((await hasher.run({ source, algorithm }, options)).hex !== hex) return false
    } else
      for await (const _ of verified(
        members.read(blobPath(descriptor.digest), options),
        descriptor,
        options,
      ));
  }
  return true
}
