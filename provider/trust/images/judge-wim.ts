import { type Digest, engineName, impossible } from '../../../manifests/index.js'
import type { ImageSource } from '../../copy/ports.js'
import { type ImageIdentity, labelOf, namesOfImage } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { policyOfRun } from './policy-of-run.js'

/**
 * Judges a WIM that is taken as a file, by the names that its images would get: a WIM has no place for signatures of
 * images, so a policy that demands one refuses it, just as when the images are installed.
 * @throws IMAGE_UNSIGNED, IMAGE_REJECTED and what reading a policy throws
 */
export async function judgeWim(context: Context, wim: ImageIdentity, file: string): Promise<void> {
  const policy = await policyOfRun(context)
  if (!policy) return
  const { judgeImage } = await import('./judge.js')
  const image = {
    source: { ...NO_BLOBS, label: file },
    root: { mediaType: '', digest: '' as Digest, size: 0 },
    label: labelOf(wim),
    references: namesOfImage(wim, false).map(engineName),
    artifacts: [],
  }
  const { refusal } = await judgeImage(policy, image, context.options.signal)
  if (refusal) throw refusal
}

/** A judgement by names alone has nothing to read. */
const NO_BLOBS: Omit<ImageSource, 'label'> = {
  concurrency: 1,
  resolve: async () => impossible('A WIM is judged by its names.'),
  // biome-ignore lint/correctness/useYield: nothing is read
  async *read() {
    impossible('A WIM is judged by its names.')
  },
  close: async () => {},
}
