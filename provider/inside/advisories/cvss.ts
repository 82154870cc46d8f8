import calculators from 'ae-cvss-calculator'

/** Scores of vectors that were seen before: most advisories have one of a few hundred. */
const SCORES = new Map<string, number | undefined>()
const MOST_KEPT = 20_000
/** With all its optional metrics, a vector of CVSS 4.0 has 200 characters. */
const LONGEST = 500

/**
 * The score of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0 (first.org/cvss), from 0 to 10: the base score
 * if it says no more than that. Undefined for anything but such a vector.
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

type Calculator = { calculateScores(normalize: boolean): { overall?: number } }

/** What each version begins with, and the metrics without which there is no base score, with their values. */
const VERSIONS: { begins: string; base: string; of(vector: string): Calculator }[] = [
  {
    begins: 'CVSS:4.0/',
    base: 'AV:NALP AC:LH AT:NP PR:NLH UI:NPA VC:HLN VI:HLN VA:HLN SC:HLN SI:HLN SA:HLN',
    of: (vector) => new calculators.Cvss4P0(vector),
  },
  {
    begins: 'CVSS:3.1/',
    base: 'AV:NALP AC:LH PR:NLH UI:NR S:UC C:HLN I:HLN A:HLN',
    of: (vector) => new calculators.Cvss3P1(vector),
  },
  {
    begins: 'CVSS:3.0/',
    base: 'AV:NALP AC:LH PR:NLH UI:NR S:UC C:HLN I:HLN A:HLN',
    of: (vector) => new calculators.Cvss3P0(vector),
  },
  {
    begins: '',
    base: 'AV:NAL AC:LMH Au:NSM C:NPC I:NPC A:NPC',
    of: (vector) => new calculators.Cvss2(vector),
  },
]

/** The library reads a vector with missing metrics as one that says there is no harm. */
function calculatorOf(text: string): Calculator | undefined {
  const vector = text.replace(/^\((.*)\)$/, '$1')
  const version = VERSIONS.find(({ begins }) => vector.startsWith(begins))
  const metrics = vector.slice(version?.begins.length).split('/')
  const isWhole = version?.base.split(' ').every((metric) => {
    const [name, values = ''] = metric.split(':')
    return [...values].some((value) => metrics.includes(`${name}:${value}`))
  })
  return isWhole ? version?.of(vector) : undefined
}
