import { readFileSync } from 'node:fs'

/**
 * A rule of docs/threat-model.md, taken out of the sources: the code for it, and what replaces that without the rule.
 */
export interface TakenOut {
  threat: number
  edits: { file: string; rule: string; without: string }[]
}

/** Threats whose rule is that something is never done, so that nothing can be taken out. */
export const NOTHING_TO_TAKE_OUT: Readonly<Record<number, string>> = {
  24: 'what a name means is looked up once; a copy has no way to ask again',
  38: 'no code reads a name from a label',
  41: 'no code reads a name from a manifest that a registry sent',
  64: 'the tests read the sources',
  101: 'what must hold is all that each rule does',
}

/** In the form of `threat-rules.txt`: lines that begin with `#`, `---`, `-` and `+`. */
export function rules(): TakenOut[] {
  const text = readFileSync('scripts/mutate/threat-rules.txt', 'utf8')
  return text
    .split(/^# /m)
    .slice(1)
    .map((one) => ({ threat: Number.parseInt(one, 10), edits: one.split(/^--- /m).slice(1).map(editIn) }))
}

function editIn(text: string): TakenOut['edits'][number] {
  const [file = '', ...lines] = text.split('\n')
  const beginning = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign))
      .map((line) => line.slice(1))
      .join('\n')
  return { file, rule: beginning('-'), without: beginning('+') }
}
