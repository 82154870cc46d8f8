import { ANNOTATIONS, engineName } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { originIndexOf } from '../../choice/origin-index.js'
import { type TravellingOptions, withArtifacts } from '../../choice/travelling.js'
import type { PlannedImage } from '../../copy/ports.js'
import { labelOf, namesOfImage } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { ImageToJudge } from './judge.js'
import type { JudgedSignature } from './judgement.js'
import { policyOfRun } from './policy-of-run.js'

/**
 * An image and the artifacts that travel with it, if the policy of the run admits it: the one way for every verb that
 * moves images. The result is noted on the image, for the page of a media.
 * @throws IMAGE_UNSIGNED, IMAGE_SIGNER_UNTRUSTED and the other refusals of docs/errors.md; POLICY_INVALID
 */
export async function withJudgedArtifacts(
  context: Context,
  image: ChosenImage,
  options: TravellingOptions,
): Promise<PlannedImage[]> {
  const planned = await withArtifacts(image, options)
  const policy = await policyOfRun(context)
  if (!policy) return planned
  const all = options.noReferrers ? await withArtifacts(image, { ...options, noReferrers: false }) : planned
  const { judgeImage } = await import('./judge.js')
  const { refusal, signatures } = await judgeImage(policy, imageToJudge(image, all), options.signal)
  if (refusal) throw refusal
  const signedBy = trustedSigners(signatures)
  if (signedBy === '') return planned
  return planned.map((one) =>
    one.goesWith === undefined
      ? { ...one, annotations: { ...one.annotations, [ANNOTATIONS.signedBy]: signedBy } }
      : one,
  )
}

/** @param planned the image with everything that goes with it */
export function imageToJudge(image: ChosenImage, planned: readonly PlannedImage[]): ImageToJudge {
  const { source, root, annotations } = image
  return {
    source,
    root,
    label: labelOf(image),
    references: [...new Set(namesOfImage(image, false).map(engineName))],
    origin: originIndexOf(annotations),
    artifacts: planned.filter(({ goesWith }) => goesWith !== undefined).map((one) => one.root),
  }
}

/** Each once, in words. */
function trustedSigners(signatures: readonly JudgedSignature[]): string {
  const trusted = signatures.filter(({ verdict }) => verdict === 'trusted')
  return [...new Set(trusted.flatMap(({ signer = [] }) => signer))].join('; ')
}
