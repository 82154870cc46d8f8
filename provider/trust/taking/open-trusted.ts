import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { ChosenImage } from '../../choice/chosen-image.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { OpenOptions } from '../../formats/open/open-options.js'
import { openPath } from '../../formats/open/open-path.js'
import type { VolumeSet } from '../../formats/volumes/volume-set.js'
import { closedAfter } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { CommonOptions } from '../../session/options.js'
import { type RequiredSigners, requiredSigners } from '../required/required-signers.js'
import { checkNamed, checkSignedFiles } from '../signed/bound-files.js'
import { checkOpenedMedia, checkSignedMedia } from '../signed/bound-media.js'
import { documentsSum } from '../signed/documents-sum.js'
import { type JudgedList, judgedList } from '../signed/judged-list.js'
import type { Judgement } from '../signed/judged-signers.js'
import { filesRead } from '../signed/read-files.js'
import { notEnough, unsigned } from '../signed/refusals.js'
import { admitImages, countGood } from './admission.js'

type Named = Pick<ChosenImage, 'name' | 'otherNames'>

/** Something that was opened to take images from it. */
export interface Trusted {
  collection: ImageCollection
  /**
   * To be called before any of the images is used, after their layers were made.
   * @param images which of them are taken; called only if it matters
   * @throws SIGNATURE_UNTRUSTED, SIGNATURE_OLDER, FILE_CHANGED
   */
  admit(images: () => Named[] | Promise<Named[]>): Promise<void>
}

export interface TrustedOptions extends OpenOptions {
  /** The set of volumes from which a layout was put together; the set is what was signed. */
  signedSet?: VolumeSet | undefined
}

/**
 * Opens whatever holds images at a path, to take them: the one way from a media, an archive, volumes or standard input
 * into a store, an engine or a registry. If keys are trusted, it must be signed by them, and everything that is read is
 * bound to what was signed ([decision 17](../../../docs/decisions/0017-what-is-signed.md)).
 * @throws SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNTRUSTED, FILE_CHANGED, FILE_EXTRA, FILE_MISSING, and what
 * `openPath` throws
 */
export async function openTrusted(
  context: Context,
  place: string,
  options: TrustedOptions,
): Promise<Trusted> {
  const required = await requiredSigners(context.options)
  if (required.needed === 0 || (await isOwnStore(context, place)))
    return { collection: await openPath(place, options), admit: async () => {} }
  const list = await enoughSigned(place, options.signedSet ?? options.volumeSet, required, options.beside)
  return list.kind === 'media'
    ? await openMedia(context, place, list, required, options)
    : await openFiles(context, place, list, required, options)
}

/** Files that may be copied as they are. */
export interface TrustedFiles {
  /** The SHA-256 that each file must have when it is copied, in hex, by its path; empty if nothing is checked. */
  sums: ReadonlyMap<string, string>
  /**
   * To be called after the files were read for anything but a copy.
   * @throws FILE_CHANGED, FILE_EXTRA
   */
  checkUsed(used: Iterable<string>): Promise<void>
}

/**
 * The same for a file that is copied as it is, and not opened for its images: a WIM, with all of its parts.
 * @param images the images for which it counts
 * @throws as `openTrusted`
 */
export async function trustFiles(
  context: Context,
  place: string,
  { beside, images }: { beside?: readonly string[] | undefined; images: Named[] },
): Promise<TrustedFiles> {
  const { hasher, options: run } = context
  const required = await requiredSigners(run)
  if (required.needed === 0) return { sums: new Map(), checkUsed: async () => {} }
  const { files, signatures } = await enoughSigned(place, undefined, required, beside)
  checkNamed(place, files)
  const checked = await checkSignedFiles(await filesRead(place, beside), files, {
    hasher,
    signal: run.signal,
  })
  await admitImages(images, signatures, required, run)
  return checked
}

/**
 * For content from a place that cannot have a signature beside it, such as a URL.
 * @throws SIGNATURE_MISSING if keys are trusted
 */
export async function refuseUnsigned(context: Context, place: string): Promise<void> {
  const required = await requiredSigners(context.options)
  if (required.needed > 0) throw unsigned(place, required)
}

/** What is installed was checked when it arrived. */
async function isOwnStore(context: Context, place: string): Promise<boolean> {
  const { root } = (await context.store()).places
  const real = (file: string): Promise<string> => realpath(file).catch(() => path.resolve(file))
  return (await real(place)) === (await real(root))
}

/** @throws SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNTRUSTED */
async function enoughSigned(
  place: string,
  set: VolumeSet | undefined,
  required: RequiredSigners,
  beside: readonly string[] | undefined,
): Promise<SignedList> {
  const list = await judgedList(place, set, required.keys, beside)
  if (!list) throw unsigned(place, required)
  const { files, signatures } = list
  if (!files || countGood(signatures) < required.needed) throw notEnough(place, signatures, required)
  return { ...list, files }
}

type SignedList = JudgedList & { files: NonNullable<JudgedList['files']> }

async function openMedia(
  context: Context,
  place: string,
  { files, signatures }: SignedList,
  required: RequiredSigners,
  options: TrustedOptions,
): Promise<Trusted> {
  const { hasher, options: run } = context
  await checkSignedMedia(place, files, { hasher, signal: run.signal })
  const collection = await openPath(place, options)
  try {
    checkOpenedMedia(place, files, collection)
  } catch (error) {
    throw await closedAfter(error, collection)
  }
  return { collection, admit: admission(signatures, required, run) }
}

/**
 * An archive whose signer states which documents are in it need not be read in advance: everything else in it is read
 * by its digest. Any other file is read completely and compared, and must remain the same file until its images are
 * known.
 */
async function openFiles(
  context: Context,
  place: string,
  { files, signatures }: SignedList,
  required: RequiredSigners,
  options: TrustedOptions,
): Promise<Trusted> {
  const { hasher, options: run } = context
  const admit = admission(signatures, required, run)
  const said = signatures.flatMap(({ key, facts }) => (key && facts.documents ? [facts.documents] : []))
  const used = new Set<string>()
  const onUsed = (file: string): void => {
    used.add(file)
    options.onUsed?.(file)
  }
  const { volumeSet, signedSet, beside } = options
  if (!volumeSet && !signedSet) checkNamed(place, files)
  if (said.length > 0) {
    const collection = await openPath(place, { ...options, onUsed })
    const sum = documentsSum(collection)
    if (sum !== undefined && said.every((one) => one === sum)) return { collection, admit }
    await collection.close()
  }
  const read = volumeSet ? [...volumeSet.volumes.values()] : await filesRead(place, beside)
  const checked = await checkSignedFiles(read, files, { hasher, signal: run.signal })
  return {
    collection: await openPath(place, { ...options, onUsed }),
    async admit(images) {
      await checked.checkUsed(used)
      await admit(images)
    },
  }
}

function admission(
  signatures: readonly Judgement[],
  required: RequiredSigners,
  run: CommonOptions,
): Trusted['admit'] {
  return async (images) => admitImages(await images(), signatures, required, run)
}
