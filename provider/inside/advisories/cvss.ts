import calculators from 'ae-cvss-calculator'

/** Scores of vectors that were seen before: most advisories have one of a few hundred. */
const SCORES = new Map<string, number | undefined>()
const MOST_KEPT = 20_000
/** With all its optional metrics, a vector of CVSS 4.0 has 200 characters. */
const LONGEST = 500

/**
 * The score of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0 (first.org/cvss), from 0 to 10: the base score where that is
 * all it says. Undefined for what is no such vector.
 */
export function cvssScore(vector: string): number | undefined {
  if (vector.length > LONGEST) return undefined
  if (!SCORES.has(vector)) {
    if (SCORES.size >= MOST_KEPT) SCORES.clear()
    SCORES.set(vector, calculated(vector))
  }
  return SCORES.get(vector)
}

function calculated(vector: string): number | undefined {
  try {
    const score = calculatorOf(vector)?.calculateScores(false).overall
    return score !== undefined && score >= 0 && score <= 10 ? score : undefined
  } catch {
    // It lacks a metric, or has one that does not exist.
    return undefined
  }
}

const V2 = /^\(?(?:AV:[NAL]\/AC:[LMH]\/Au:[NSM]\/C:[NPC]\/I:[NPC]\/A:[NPC])/

function calculatorOf(vector: string): { calculateScores(normalize: boolean): { overall?: number } } | undefined {
  if (vector.startsWith('CVSS:4.0/')) return new calculators.Cvss4P0(vector)
  if (vector.startsWith('CVSS:3.1/')) return new calculators.Cvss3P1(vector)
  if (vector.startsWith('CVSS:3.0/')) return new calculators.Cvss3P0(vector)
  if (V2.test(vector)) return new calculators.Cvss2(vector.replace(/[()]/g, ''))
  return undefined
}
