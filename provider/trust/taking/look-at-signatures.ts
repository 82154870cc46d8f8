import path from 'node:path'
import type { ContainerImageError } from '../../../manifests/index.js'
import type { VolumeSet } from '../../formats/volumes/volume-set.js'
import { findSet } from '../../formats/volumes/volume-set.js'
import type { Context } from '../../session/context.js'
import { requiredSigners } from '../required/required-signers.js'
import { checkSignedFiles } from '../signed/bound-files.js'
import { checkSignedMedia } from '../signed/bound-media.js'
import { type JudgedList, judgedList } from '../signed/judged-list.js'
import { type JudgedSigner, shownJudgement } from '../signed/judged-signers.js'
import { filesRead } from '../signed/read-files.js'
import { notEnough, unsigned } from '../signed/refusals.js'
import { countGood } from './admission.js'

/** What can be told about the signatures of something that is carried without taking anything from it. */
export interface SeenSignatures {
  signers: JudgedSigner[]
  /** Why nothing would be taken from it. */
  refusal?: ContainerImageError
  /**
   * Compares what is there with the signed list, every file except blobs that a media names by their sums.
   * @throws as `openTrusted`
   */
  compare(): Promise<void>
}

/** Who has signed what is at a path, and how the trusted keys judge that. */
export async function seenSignatures(
  context: Context,
  place: string,
  beside: readonly string[] = [],
): Promise<SeenSignatures> {
  const required = await requiredSigners(context.options)
  const set = await findSet(place)
  const list = await judgedList(place, set, required.keys, beside)
  const nothing = async (): Promise<void> => {}
  if (!list)
    return {
      signers: [],
      ...(required.needed > 0 ? { refusal: unsigned(place, required) } : {}),
      compare: nothing,
    }
  const { signatures } = list
  const isEnough = list.files !== undefined && countGood(signatures) >= required.needed
  return {
    signers: signatures.map(shownJudgement),
    ...(isEnough ? {} : { refusal: notEnough(place, signatures, required) }),
    compare: countGood(signatures) > 0 ? () => compared(context, place, set, list, beside) : nothing,
  }
}

async function compared(
  { hasher, options: { signal } }: Context,
  place: string,
  set: VolumeSet | undefined,
  { kind, files = [] }: JudgedList,
  beside: readonly string[],
): Promise<void> {
  if (kind === 'media') return await checkSignedMedia(path.resolve(place), files, { hasher, signal })
  const read = set ? [...set.volumes.values()] : await filesRead(place, beside)
  await checkSignedFiles(read, files, { hasher, signal })
}
