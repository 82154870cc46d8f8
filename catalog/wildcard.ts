import { ContainerImageError, show } from '../manifests/index.js'

/** One step of a pattern: any run of characters, or one character that passes a test. */
type Step = 'any run' | ((character: string) => boolean)

/**
 * Whether PowerShell would treat a text as a pattern: it contains `*`, `?`, `[` or `]` that no backtick
 * escapes.
 */
export function hasWildcard(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    if (character === '`') i++
    else if ('*?[]'.includes(character)) return true
  }
  return false
}

/**
 * A test for one of PowerShell's wildcard patterns (about_Wildcards): `*`, `?`, `[abc]`, `[a-z]`; a backtick
 * makes the next character literal. Case is ignored. There is no negation, and `[]]` matches `]`. The time it
 * takes is at most the pattern's length times the text's: only the last `*` is ever tried again.
 * @throws USAGE if a `[` is not closed
 */
export function matcher(pattern: string): (text: string) => boolean {
  const steps = stepsOf(pattern)
  return (text) => matchesSteps(steps, [...text])
}

function matchesSteps(steps: Step[], characters: string[]): boolean {
  let step = 0
  let at = 0
  let lastRun = -1
  let runEnd = 0
  while (at < characters.length) {
    const current = steps[step]
    if (current === 'any run') {
      lastRun = step++
      runEnd = at
    } else if (current?.(characters[at] ?? '')) {
      step++
      at++
    } else if (lastRun >= 0) {
      step = lastRun + 1
      at = ++runEnd
    } else return false
  }
  return steps.slice(step).every((rest) => rest === 'any run')
}

function stepsOf(pattern: string): Step[] {
  const characters = [...pattern]
  const steps: Step[] = []
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? ''
    if (character === '*') {
      if (steps.at(-1) !== 'any run') steps.push('any run')
    } else if (character === '?') steps.push(() => true)
    else if (character === '[') {
      const set = setAt(characters, i, pattern)
      steps.push(set.test)
      i = set.end
    } else if (character === '`' && i + 1 < characters.length) steps.push(literal(characters[++i] ?? ''))
    else steps.push(literal(character))
  }
  return steps
}

/** The set that opens at `start`, and where its bracket closes. */
function setAt(characters: string[], start: number, pattern: string) {
  const members: { character: string; escaped: boolean }[] = []
  let i = start + 1
  for (; i < characters.length; i++) {
    const character = characters[i] ?? ''
    if (character === ']' && members.length > 0) break
    const escaped = character === '`' && i + 1 < characters.length
    members.push({ character: escaped ? (characters[++i] ?? '') : character, escaped })
  }
  if (i >= characters.length)
    throw new ContainerImageError(
      'USAGE',
      `The specified wildcard character pattern is not valid: ${show(pattern)}`,
      {
        expected: 'a ] for each [',
        found: show(pattern),
        remedy: 'Close the bracket, or write `[ for the character itself.',
      },
    )
  return { test: setTest(members), end: i }
}

function setTest(members: { character: string; escaped: boolean }[]): (character: string) => boolean {
  const tests: ((character: string) => boolean)[] = []
  for (let i = 0; i < members.length; i++) {
    const low = members[i]?.character ?? ''
    const dash = members[i + 1]
    const high = members[i + 2]?.character
    if (dash?.character === '-' && !dash.escaped && high !== undefined) {
      tests.push((c) => within(c.toLowerCase(), low, high) || within(c.toUpperCase(), low, high))
      i += 2
    } else tests.push(literal(low))
  }
  return (character) => tests.some((test) => test(character))
}

function within(character: string, low: string, high: string): boolean {
  return low <= character && character <= high
}

function literal(wanted: string): (character: string) => boolean {
  const folded = wanted.toLowerCase()
  return (character) => character.toLowerCase() === folded
}
