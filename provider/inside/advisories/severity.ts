/** How bad a vulnerability is, the least severe first. `unknown` means that nobody has said. */
export const SEVERITIES = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const

/** How bad a vulnerability is; `unknown` means that nobody has said. */
export type Severity = (typeof SEVERITIES)[number]

/** Below 0 if the first is less severe. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b)
}

/** The qualitative scale of CVSS 3.1 (section 5) and 4.0 (section 6). */
export function severityOfScore(score: number): Severity {
  if (!(score > 0)) return 'negligible'
  if (score < 4) return 'low'
  if (score < 7) return 'medium'
  return score < 9 ? 'high' : 'critical'
}

/** The words of GitHub, Red Hat and its relatives, Ubuntu and Debian for the same few levels. */
const WORDS: Record<string, Severity> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  negligible: 'negligible',
  // Debian's word for things that can harm hardly anybody (security-tracker documentation, "Severity
  // levels").
  unimportant: 'negligible',
}

/** The severity that a publisher's word means; `unknown` for `not yet assigned`, `untriaged` and the like. */
export function severityOfWord(word: unknown): Severity {
  if (typeof word !== 'string') return 'unknown'
  const plain = word.trim().toLowerCase().replace(/\*+$/, '')
  return Object.hasOwn(WORDS, plain) ? (WORDS[plain] ?? 'unknown') : 'unknown'
}
