import type { Findings } from './problems.js'
import type { YamlMember, YamlValue } from './yaml-tree.js'

/** The members of one object of a document that people write; what is not as it should be becomes a finding with its line. */
export class MemberReader {
  private readonly members: Map<string, YamlMember>

  constructor(
    value: YamlValue,
    known: readonly string[],
    private readonly where: string,
    private readonly findings: Findings,
  ) {
    const members = value.kind === 'map' ? value.members : []
    if (value.kind !== 'map') this.wrong(value.line, '', known.join(', '), kindInWords(value))
    for (const { key, line } of members)
      if (!known.includes(key)) this.wrong(line, '', `one of ${known.join(', ')}`, JSON.stringify(key))
    this.members = new Map(members.map((member) => [member.key, member]))
  }

  value(key: string): YamlValue | undefined {
    return this.members.get(key)?.value
  }

  text(key: string): string | undefined {
    const value = this.value(key)
    if (!value) return undefined
    if (value.kind === 'text' && value.text.trim() !== '') return value.text
    this.wrong(value.line, key, 'a text', kindInWords(value))
    return undefined
  }

  parsed<T>(key: string, expected: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.text(key)
    if (text === undefined) return undefined
    const parsed = parse(text)
    if (parsed === undefined) this.wrong(this.value(key)?.line ?? 0, key, expected, JSON.stringify(text))
    return parsed
  }

  flag(key: string): boolean | undefined {
    return this.parsed(key, 'true or false', (text) =>
      /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined,
    )
  }

  /** A list, or one text in which commas separate. */
  texts(key: string): string[] | undefined {
    const value = this.value(key)
    if (!value) return undefined
    const items = value.kind === 'list' ? value.items : [value]
    const texts = items.flatMap((item) => {
      const parts = item.kind === 'text' ? item.text.split(',').map((part) => part.trim()) : ['']
      if (parts.includes('')) this.wrong(item.line, key, 'a text, or a list of texts', kindInWords(item))
      return parts
    })
    return texts
  }

  textsByName(key: string): Record<string, string> | undefined {
    const value = this.value(key)
    if (!value) return undefined
    if (value.kind !== 'map') {
      this.wrong(value.line, key, 'a location for each name', kindInWords(value))
      return undefined
    }
    const texts = value.members.flatMap(({ key: name, line, value: one }) => {
      if (one.kind === 'text' && one.text !== '') return [[name, one.text] as const]
      this.wrong(line, `${key}.${name}`, 'a location', kindInWords(one))
      return []
    })
    return Object.fromEntries(texts)
  }

  /** Notes what is wrong with a member, or with the whole where `key` is empty. */
  protected wrong(line: number, key: string, expected: string, found: string): void {
    const path = [this.where, key].filter((part) => part !== '').join('.')
    this.findings.note([`line ${line}`, path].filter((part) => part !== '').join(', '), expected, found)
  }
}

/** What was found in place of something else. */
export function kindInWords(value: YamlValue): string {
  if (value.kind === 'list') return 'a list'
  if (value.kind === 'map') return 'an object'
  return value.text.trim() === '' ? 'nothing' : JSON.stringify(value.text)
}
