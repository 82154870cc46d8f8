import type { ChosenImage } from '../../choice/chosen-image.js'
import type { Policy } from '../policy/policy.js'
import type { Judgement } from '../signed/judged-signers.js'
import { notForName, older } from '../signed/refusals.js'
import { highestSeen, raiseMarks, readMarks, type Seen, type SeenMarks } from '../trusted/seen-marks.js'
import { isFor, type TrustedKey } from '../trusted/trusted-keys.js'

/** A signature that is valid, of a key that is trusted. */
interface Good {
  key: TrustedKey
  sequence: number
}

/**
 * Checks of each image that enough of the keys that signed may sign its name, and that none of them has signed something
 * newer of it that was seen here; and remembers their numbers.
 * @throws SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function admitImages(
  images: readonly Pick<ChosenImage, 'name'>[],
  signatures: readonly Judgement[],
  policy: Policy,
  { whatIf = false }: { whatIf?: boolean | undefined } = {},
): Promise<void> {
  const good = goodOnes(signatures)
  const marks = await readMarks()
  const seen = [...new Set(images.map(({ name }) => name))].flatMap((name) =>
    admitted(name, good, policy, marks),
  )
  if (!whatIf && seen.length > 0) await raiseMarks(seen)
}

function admitted(name: string, good: readonly Good[], policy: Policy, marks: SeenMarks): Seen[] {
  const able = good.filter(({ key }) => isFor(key, name))
  if (able.length < policy.needed)
    throw notForName(
      name,
      good.map(({ key }) => key),
      policy,
    )
  const old = able.find(({ key, sequence }) => sequence < highestSeen(marks, key.id, name))
  if (old) throw older(name, old.key, old.sequence, highestSeen(marks, old.key.id, name))
  return able.map(({ key, sequence }) => ({ keyId: key.id, name, sequence }))
}

/** Each key once, however often it has signed. */
function goodOnes(signatures: readonly Judgement[]): Good[] {
  const byKey = new Map<string, Good>()
  for (const { key, facts } of signatures)
    if (key) byKey.set(key.bytes.toString('hex'), { key, sequence: facts.sequence ?? -1 })
  return [...byKey.values()]
}

/** How many different keys that are trusted have signed. */
export function countGood(signatures: readonly Judgement[]): number {
  return goodOnes(signatures).length
}
