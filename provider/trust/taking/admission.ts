import type { ChosenImage } from '../../choice/chosen-image.js'
import type { RequiredSigners } from '../required/required-signers.js'
import type { Judgement } from '../signed/judged-signers.js'
import { notForName, older } from '../signed/refusals.js'
import { highestSeen, raiseMarks, readMarks, type Seen, type SeenMarks } from '../trusted/seen-marks.js'
import { isFor, type TrustedKey } from '../trusted/trusted-keys.js'

/** A valid signature by a trusted key. */
export interface Good {
  key: TrustedKey
  sequence: number
}

/**
 * Checks for each image that enough of the keys that signed may sign its name, and that none of them has signed a newer
 * version of it that was seen here; and remembers their numbers.
 * @throws SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function admitImages(
  images: readonly Pick<ChosenImage, 'name' | 'otherNames'>[],
  signatures: readonly Judgement[],
  required: RequiredSigners,
  { whatIf = false }: { whatIf?: boolean | undefined } = {},
): Promise<void> {
  const good = goodOnes(signatures)
  const marks = await readMarks()
  // An image gets its other names as well.
  const names = images.flatMap(({ name, otherNames = [] }) => [
    name,
    ...otherNames.map(({ repository }) => repository),
  ])
  const seen = [...new Set(names)].flatMap((name) => admitted(name, good, required, marks))
  if (!whatIf && seen.length > 0) await raiseMarks(seen)
}

function admitted(name: string, good: readonly Good[], required: RequiredSigners, marks: SeenMarks): Seen[] {
  const able = ableToSign(name, good, required)
  const old = able.find(({ key, sequence }) => sequence < highestSeen(marks, key.id, name))
  if (old) throw older(name, old.key, old.sequence, highestSeen(marks, old.key.id, name))
  return able.map(({ key, sequence }) => ({ keyId: key.id, name, sequence }))
}

/**
 * The signatures of those that may sign a name.
 * @throws SIGNATURE_UNTRUSTED if there are too few
 */
export function ableToSign(name: string, good: readonly Good[], required: RequiredSigners): Good[] {
  const able = good.filter(({ key }) => isFor(key, name))
  if (able.length >= required.needed) return able
  throw notForName(
    name,
    good.map(({ key }) => key),
    required,
  )
}

/** Each key once, however many signatures it has made. */
export function goodOnes(signatures: readonly Judgement[]): Good[] {
  const byKey = new Map<string, Good>()
  for (const { key, facts } of signatures)
    if (key) byKey.set(key.bytes.toString('hex'), { key, sequence: facts.sequence ?? -1 })
  return [...byKey.values()]
}

/** How many different trusted keys have signed. */
export function countGood(signatures: readonly Judgement[]): number {
  return goodOnes(signatures).length
}
