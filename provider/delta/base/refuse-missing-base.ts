import {
  ContainerImageError,
  type DeltaList,
  type Descriptor,
  type Digest,
  type MissingBlob,
  option,
  printable,
  shortDigest,
} from '../../../manifests/index.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import { sizeInWords } from '../../io/files/sizes.js'

/** How many blobs an error shows; its details have all of them. */
const SHOWN = 5

/**
 * Checks before anything is copied whether the store has what a delta leaves out.
 * @param left what no source of the same copy carries
 * @param hasBlob whether the destination has a blob completely
 * @throws BASE_MISSING with each digest and the images that have it
 */
export async function refuseMissingBase(
  source: Pick<ImageSource, 'label' | 'delta'>,
  plan: CopyPlan,
  left: ReadonlySet<Digest>,
  hasBlob: (descriptor: Descriptor) => Promise<boolean>,
): Promise<void> {
  const { delta } = source
  if (!delta) return
  const listed = new Map<Digest, MissingBlob>(delta.missing.map((blob) => [blob.digest, blob]))
  const lacking: MissingBlob[] = []
  for (const descriptor of plan.contents) {
    const blob = left.has(descriptor.digest) ? listed.get(descriptor.digest) : undefined
    if (blob && !(await hasBlob(descriptor))) lacking.push(...(await lackingFor(blob, hasBlob)))
  }
  if (lacking.length > 0) throw baseMissing(source.label, delta, lacking)
}

/** The blob itself, or what is needed to make it from its delta. */
async function lackingFor(
  blob: MissingBlob,
  hasBlob: (descriptor: Descriptor) => Promise<boolean>,
): Promise<MissingBlob[]> {
  if (!blob.delta) return [blob]
  const lacking: MissingBlob[] = []
  for (const { digest, size } of blob.delta.needs)
    if (!(await hasBlob({ mediaType: '', digest, size })))
      lacking.push({ digest, size, neededBy: blob.neededBy, inBase: blob.inBase })
  return lacking
}

function baseMissing(label: string, { bases }: DeltaList, lacking: MissingBlob[]): ContainerImageError {
  const bytes = lacking.reduce((sum, { size }) => sum + size, 0)
  const owners = [...new Set(lacking.flatMap(({ inBase }) => inBase))].map(printable)
  const more = lacking.length > SHOWN ? ` and ${lacking.length - SHOWN} more` : ''
  return new ContainerImageError(
    'BASE_MISSING',
    `${label} is a delta against ${bases.map(baseInWords).join(' and ')}, and the store lacks ${sizeInWords(bytes)} of that.`,
    {
      side: 'destination',
      expected: `${lacking.slice(0, SHOWN).map(blobInWords).join(', ')}${more}`,
      found: 'not in the store, or damaged there',
      ...(owners.length > 0
        ? { remedy: `Install ${owners.join(' or ')} first, or bring a save without ${option('base')}.` }
        : {}),
      details: { bases, missing: lacking },
    },
  )
}

function baseInWords({ kind, name, created }: DeltaList['bases'][number]): string {
  return `${printable(name)} (${printable(kind)}${created ? ` of ${printable(created)}` : ''})`
}

function blobInWords({ digest, size, inBase }: MissingBlob): string {
  const owners = inBase.length > 0 ? `, of ${inBase.map(printable).join(' and ')}` : ''
  return `${shortDigest(digest)} (${sizeInWords(size)}${owners})`
}
