import { readFileSync } from 'node:fs'

/** One line of docs/threat-model.md. */
export interface Threat {
  number: number
  /** Where it comes from, as named in the table of attackers. */
  from: string
  threat: string
  rule: string
  shownBy: NamedTest[]
}

/** A test, given by its file below `test` without the ending, and a part of its title. */
export interface NamedTest {
  file: string
  title: string
}

const LINE = /^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm
const TEST = /`([a-z0-9/-]+)` "([^"]+)"/g

/** The threats of the page, in its order. */
export function threats(): Threat[] {
  const page = readFileSync('docs/threat-model.md', 'utf8')
  return [...page.matchAll(LINE)].map(([, number, from = '', threat = '', rule = '', tests = '']) => ({
    number: Number(number),
    ...{ from, threat, rule },
    shownBy: [...tests.matchAll(TEST)].map(([, file = '', title = '']) => ({ file, title })),
  }))
}
