import { stat } from 'node:fs/promises'
import { splitDigest } from '../../../manifests/index.js'
import { openToRead } from '../../io/files/read-document.js'
import { kindInWords } from '../../io/files/regular-file.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { fileExists, notAFile } from './file-exists.js'
import { bytesOffset, headerOf, type MemberPlan } from './member-plan.js'

/**
 * Whether a file is there already that is, byte for byte, the archive that would be written.
 * @throws FILE_EXISTS where another file is in the way
 */
export async function existingIsTheSame(
  file: string,
  plan: MemberPlan,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined)
  if (!stats) return false
  if (!stats.isFile() || stats.size !== plan.size) throw fileExists(file)
  if (!(await sameSkeleton(file, plan)) || !(await sameBlobs(file, plan, hasher, signal)))
    throw fileExists(file)
  return true
}

/** What is overwritten must be a file. @throws FILE_EXISTS */
export async function refuseFolder(file: string): Promise<void> {
  const stats = await stat(file).catch(() => undefined)
  if (!stats || stats.isFile()) return
  throw notAFile(file, kindInWords(stats))
}

async function sameSkeleton(file: string, plan: MemberPlan): Promise<boolean> {
  const handle = await openToRead(file, 'destination')
  try {
    for (const member of plan.members) {
      const expected = Buffer.concat([headerOf(member), member.bytes ?? Buffer.alloc(0)])
      const found = Buffer.alloc(expected.length)
      await handle.read(found, 0, found.length, member.offset)
      if (!found.equals(expected)) return false
    }
    return true
  } finally {
    await handle.close()
  }
}

async function sameBlobs(
  file: string,
  plan: MemberPlan,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<boolean> {
  const checks = [...plan.blobs.entries()].map(async ([digest, member]) => {
    const { algorithm, hex } = splitDigest(digest)
    const source = { path: file, offset: bytesOffset(member), size: member.size }
    const result = await hasher.run({ source, algorithm }, { signal })
    return result.hex === hex
  })
  return (await Promise.all(checks)).every((same) => same)
}
