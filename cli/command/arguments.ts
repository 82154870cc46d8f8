/** The values of one command line, by the kebab-case names of options and the names of positionals. */
export class Arguments {
  constructor(
    /** Which command: `['source', 'add']`. */
    readonly path: string[],
    readonly values: Record<string, unknown>,
    /** What --password-stdin read. It is not among the values, as those may be shown. */
    readonly password?: string,
  ) {}

  text(name: string): string | undefined {
    const value = this.values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** The text of a required value; parsing has made sure that it is there. */
  required(name: string): string {
    return this.text(name) ?? ''
  }

  flag(name: string): boolean {
    return this.values[name] === true
  }

  /** The values of a list; undefined if there is none. */
  list(name: string): string[] | undefined {
    const value = this.values[name]
    if (!Array.isArray(value)) return undefined
    const words = value.filter((word): word is string => typeof word === 'string')
    return words.length > 0 ? words : undefined
  }
}
