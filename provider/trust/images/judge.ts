import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  type ErrorCode,
  isArtifactEntry,
  isIndexType,
  printable,
} from '../../../manifests/index.js'
import { readIndex } from '../../copy/documents.js'
import { entriesBelow } from '../../copy/index-entries.js'
import type { ImageSource } from '../../copy/ports.js'
import { type AttachedSignature, attachedSignatures } from './attached.js'
import type { JudgedSignature } from './judgement.js'
import type { Requirement, SignedRequirement } from './policy/policy.js'
import type { ReadPolicy } from './policy/read-policy.js'
import { identityFits, identityInWords } from './policy/signed-identity.js'
import { SignatureFault } from './signatures/signature-fault.js'
import { signerInWords } from './signers/signer.js'

/** An image, with everything that may speak for it. */
export interface ImageToJudge {
  source: ImageSource
  root: Descriptor
  /** For messages. */
  label: string
  /** The names that it is to get, in full, without `latest`; empty for an image without a name. */
  references: string[]
  /** The index from which it claims to have been chosen. */
  origin?: Descriptor
  /** The artifacts that go with it. */
  artifacts: Descriptor[]
}

/** The result of judging an image. */
export interface Judgement {
  signatures: JudgedSignature[]
  /** Why the policy does not admit it. */
  refusal?: ContainerImageError
}

/**
 * Judges an image by all of its signatures, without a network. Without a policy they are only read and listed.
 * @throws INVALID_DOCUMENT and what reading the image's documents throws; a refusal is returned
 */
export async function judgeImage(
  policy: ReadPolicy | undefined,
  image: ImageToJudge,
  signal?: AbortSignal,
): Promise<Judgement> {
  const attached = await attachedSignatures(image.source, image.artifacts, signal)
  const judge = new Judge(policy, image, attached, await imagesMeant(image, signal))
  return { refusal: await judge.refusal(), signatures: judge.signatures() }
}

/** The digests whose signature speaks for an image: any one of a list is enough. */
interface ImagesMeant {
  /** The image itself, and an index that names it. */
  whole: Digest[]
  /** For an index: the images for each platform, which may have been signed one by one. */
  parts: Digest[]
}

async function imagesMeant(
  { source, root, origin }: ImageToJudge,
  signal?: AbortSignal,
): Promise<ImagesMeant> {
  const entries = (index: Descriptor): Promise<Descriptor[]> =>
    entriesBelow(index, source.label, (one) => readIndex(source, one, signal))
  const parts = isIndexType(root.mediaType) ? await entries(root) : []
  return {
    // Only the archive says that it was chosen from an index; a signature of that index is worth something only if the
    // index names the image.
    whole: [root.digest, ...(origin && (await names(origin, root.digest, entries)) ? [origin.digest] : [])],
    parts: parts
      .filter((one) => !isArtifactEntry(one) && one.platform?.os !== 'unknown')
      .map(({ digest }) => digest),
  }
}

async function names(
  index: Descriptor,
  image: Digest,
  entries: (index: Descriptor) => Promise<Descriptor[]>,
): Promise<boolean> {
  try {
    return (await entries(index)).some(({ digest }) => digest === image)
  } catch (error) {
    // The index need not be carried along.
    if (error instanceof ContainerImageError && error.code !== 'INTERRUPTED') return false
    throw error
  }
}

/** The signer, if a requirement found the signature good, or why it did not. */
type Outcome = { by: string } | { fault: SignatureFault }

class Judge {
  private readonly outcomes = new Map<AttachedSignature, Map<SignedRequirement, Promise<Outcome>>>()
  private readonly counted = new Map<AttachedSignature, string>()
  private readonly faults = new Map<AttachedSignature, SignatureFault>()

  constructor(
    private readonly policy: ReadPolicy | undefined,
    private readonly image: ImageToJudge,
    private readonly attached: readonly AttachedSignature[],
    private readonly meant: ImagesMeant,
  ) {}

  /** Every name has its own demands, and all of them must be met. */
  async refusal(): Promise<ContainerImageError | undefined> {
    const { policy } = this
    if (!policy) return undefined
    const { references } = this.image
    for (const reference of references.length > 0 ? references : [undefined])
      for (const requirement of policy.requirementsFor(reference)) {
        const refused = await this.refusedBy(policy, requirement, reference)
        if (refused) return refused
      }
    return undefined
  }

  /** To be called after `refusal`. */
  signatures(): JudgedSignature[] {
    return this.attached.map((one) => {
      const { artifact, signature } = one
      const by = this.counted.get(one)
      const fault = by === undefined ? (one.fault ?? this.faults.get(one)) : undefined
      const signer = by ?? signature?.claimedSigner
      const { kind, about = [], name, predicateType } = signature ?? {}
      return {
        ...(kind ? { kind } : {}),
        artifact,
        ...(about[0] ? { digest: this.subjectOf(about) ?? about[0] } : {}),
        ...(predicateType === undefined ? {} : { predicateType: printable(predicateType) }),
        ...(name === undefined ? {} : { name: printable(name) }),
        ...(signer === undefined ? {} : { signer: printable(signer) }),
        verdict: by === undefined ? (fault ? 'untrusted' : 'unchecked') : 'trusted',
        ...(fault ? { code: fault.code, reason: fault.message } : {}),
      }
    })
  }

  private subjectOf(about: readonly Digest[]): Digest | undefined {
    return [...this.meant.whole, ...this.meant.parts].find((digest) => about.includes(digest))
  }

  private async refusedBy(
    policy: ReadPolicy,
    requirement: Requirement,
    reference: string | undefined,
  ): Promise<ContainerImageError | undefined> {
    switch (requirement.type) {
      case 'accept':
        return undefined
      case 'reject':
        return this.error('IMAGE_REJECTED', `${policy.label} takes no image of this name`, {
          found: reference ?? 'an image without a name',
        })
      case 'unsupported':
        return this.error(
          'POLICY_UNSUPPORTED',
          `${policy.label} demands ${requirement.what}, which this program cannot check`,
          { found: requirement.what },
        )
      case 'signed':
        return (await this.isMet(policy, requirement, reference))
          ? undefined
          : this.unmet(policy, requirement, reference)
    }
  }

  private async isMet(
    policy: ReadPolicy,
    requirement: SignedRequirement,
    reference: string | undefined,
  ): Promise<boolean> {
    const { whole, parts } = this.meant
    const covered = new Set<Digest>()
    // All are looked at, so that all can be shown.
    for (const one of this.candidates(requirement)) {
      const outcome = await this.outcomeOf(policy, one, requirement, reference)
      if ('fault' in outcome) {
        this.faults.set(one, outcome.fault)
        continue
      }
      this.counted.set(one, outcome.by)
      for (const digest of one.signature?.about ?? []) covered.add(digest)
    }
    return (
      whole.some((digest) => covered.has(digest)) ||
      (parts.length > 0 && parts.every((one) => covered.has(one)))
    )
  }

  /** Signatures of the wanted kind, as far as they can be read. */
  private candidates({ predicateType }: SignedRequirement): AttachedSignature[] {
    return this.attached.filter(({ signature }) => signature && signature.predicateType === predicateType)
  }

  private async outcomeOf(
    policy: ReadPolicy,
    one: AttachedSignature,
    requirement: SignedRequirement,
    reference: string | undefined,
  ): Promise<Outcome> {
    const { about = [], name } = one.signature ?? {}
    if (this.subjectOf(about) === undefined) {
      const of = about[0] === undefined ? 'nothing' : `${about[0]}`
      return { fault: new SignatureFault('IMAGE_SIGNATURE_FOREIGN', `it is for ${of}`) }
    }
    const known = this.outcomes.get(one) ?? new Map<SignedRequirement, Promise<Outcome>>()
    this.outcomes.set(one, known)
    const outcome = known.get(requirement) ?? checked(policy, one, requirement)
    known.set(requirement, outcome)
    const found = await outcome
    const { signedIdentity } = requirement
    if ('fault' in found || identityFits(signedIdentity, reference, name)) return found
    const wanted = identityInWords(signedIdentity, reference)
    const said = name === undefined ? 'it gives the image no name' : `it is for ${printable(name)}`
    return { fault: new SignatureFault('IMAGE_SIGNATURE_FOREIGN', `${said}, and not for ${wanted}`) }
  }

  private unmet(
    policy: ReadPolicy,
    requirement: SignedRequirement,
    reference: string | undefined,
  ): ContainerImageError {
    const { predicateType } = requirement
    const wanted = policy.signersOf(requirement).map(signerInWords).join('; or ')
    const what = predicateType === undefined ? 'signature' : `attestation of the type ${predicateType}`
    const unreadable = this.attached.filter(({ fault }) => fault)
    const candidates = [...this.candidates(requirement), ...unreadable]
    const faults = candidates.flatMap((one) => one.fault ?? this.faults.get(one) ?? [])
    const [worst] = [...faults].sort((a, b) => NEAREST.indexOf(a.code) - NEAREST.indexOf(b.code))
    const facts = { expected: `a ${what} by ${wanted}`, details: { reference, signatures: faults.length } }
    if (candidates.length === 0)
      return predicateType === undefined
        ? this.error('IMAGE_UNSIGNED', `it has no signature, and ${policy.label} demands one`, {
            ...facts,
            found: this.attached.length > 0 ? 'attestations alone' : 'nothing',
          })
        : this.error('ATTESTATION_MISSING', `it has no ${what}, which ${policy.label} demands`, {
            ...facts,
            found: 'nothing of that type',
          })
    const reasons = [...new Set(faults.map(({ message }) => message))]
    const shown = reasons.slice(0, MOST_REASONS).join('; ')
    const more = reasons.length > MOST_REASONS ? `; and ${reasons.length - MOST_REASONS} more` : ''
    const partly = worst ? `${shown}${more}` : 'not every image in it is signed'
    return this.error(
      worst?.code ?? 'IMAGE_UNSIGNED',
      `no ${what} of it is one that ${policy.label} accepts: ${partly}`,
      { ...facts, found: partly },
    )
  }

  private error(
    code: ErrorCode,
    message: string,
    facts: { expected?: string; found?: string; details?: Record<string, unknown> },
  ): ContainerImageError {
    const { label, root } = this.image
    return new ContainerImageError(code, `${label}: ${message}.`, {
      side: 'source',
      ...facts,
      details: { digest: root.digest, ...facts.details },
    })
  }
}

const MOST_REASONS = 5

/** A refusal has the code of the signature that came nearest to being good. */
const NEAREST: ErrorCode[] = [
  'IMAGE_CERTIFICATE_EXPIRED',
  'IMAGE_SIGNATURE_FOREIGN',
  'IMAGE_SIGNER_UNTRUSTED',
  'IMAGE_SIGNATURE_INVALID',
]

/** Checks against each of those whom a requirement trusts; if all fail, gives what is wrong for the last of them. */
async function checked(
  policy: ReadPolicy,
  { signature }: AttachedSignature,
  requirement: SignedRequirement,
): Promise<Outcome> {
  const faults: SignatureFault[] = []
  for (const signer of policy.signersOf(requirement))
    try {
      if (signature) return { by: await signature.check(signer) }
    } catch (error) {
      if (!(error instanceof SignatureFault)) throw error
      faults.push(error)
    }
  const [fault] = faults.sort((a, b) => NEAREST.indexOf(a.code) - NEAREST.indexOf(b.code))
  return { fault: fault ?? new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'nobody is trusted') }
}
