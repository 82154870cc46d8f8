import type { ErrorCode } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { withArtifacts } from '../../choice/travelling.js'
import type { PlannedImage } from '../../copy/ports.js'
import type { Context } from '../../session/context.js'
import type { JudgedSignature } from './judgement.js'
import { policyOfRun } from './policy-of-run.js'
import { imageToJudge } from './with-judged-artifacts.js'

/** Who signed an image, and whether the policy of a run admits it; neither if nobody did and there is no policy. */
export interface Trust {
  /** Signatures and signed attestations. */
  signatures?: JudgedSignature[]
  /** Why the policy does not admit it; left out if it does. */
  refusal?: { code: ErrorCode; message: string }
}

/**
 * The same judgement that the verbs for moving images make, for display.
 * @param planned the image with what goes with it, if that is known
 * @throws POLICY_INVALID and what reading the image's documents throws
 */
export async function trustOf(
  context: Context,
  image: ChosenImage,
  planned?: readonly PlannedImage[],
): Promise<Trust> {
  const { signal } = context.options
  const policy = await policyOfRun(context)
  const all = planned ?? (await withArtifacts(image, { latest: false, signal }))
  if (!policy && all.length === 1) return {}
  const { judgeImage } = await import('./judge.js')
  const { signatures, refusal } = await judgeImage(policy, imageToJudge(image, all), signal)
  return {
    ...(signatures.length > 0 ? { signatures } : {}),
    ...(refusal ? { refusal: { code: refusal.code, message: refusal.message } } : {}),
  }
}
