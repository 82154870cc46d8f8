import { usage } from '../command/usage.js'
import { didYouMean } from './nearest.js'
import { optionHere } from './options-of-others.js'
import type { Parameter } from './parameters.js'

/** A command line in one spelling: options as `--kebab-case[=value]`, and positional words. */
export interface OneSpelling {
  options: string[]
  /** In the order in which the command declares them. */
  positionals: string[]
}

/**
 * Brings both spellings of a command line into one: `-PascalCase value`, `-Name:value`, `-Switch:$false` and
 * unambiguous prefixes become the `--kebab-case` options of the same command.
 * @param words what follows the command's name
 * @param parameters what the command takes
 * @param path the command, for messages
 * @throws USAGE
 */
export function intoOneSpelling(words: string[], parameters: Parameter[], path: string[]): OneSpelling {
  return new Speller(words, parameters, path).spell()
}

/**
 * The parameter that a PowerShell name or an unambiguous prefix of one means, ignoring case. As in PowerShell
 * an exact name wins over a prefix, and a command's own parameter over a common one.
 * @throws USAGE, naming the candidates, if several are left
 */
export function parameterNamed(
  name: string,
  parameters: Parameter[],
  path: string[] = [],
): Parameter | undefined {
  const exact = parameters.find((one) => one.names.some((known) => plain(known) === plain(name)))
  if (exact) return exact
  const starting = parameters.filter((one) => one.names.some((known) => plain(known).startsWith(plain(name))))
  const candidates = firstOf(
    starting.filter((one) => !one.isCommon),
    starting.filter((one) => !one.isPassedOver),
    starting,
  )
  if (candidates.length > 1) {
    // By the names that match the prefix: the other names of a parameter would not show why it is meant.
    const begun = starting
      .filter((one) => !one.isPassedOver || candidates.includes(one))
      .map((one) => one.names.find((known) => plain(known).startsWith(plain(name))))
    throw usage(
      `Parameter cannot be processed because the parameter name '${name}' is ambiguous. Possible matches include: ${begun.map((known) => `-${known}`).join(' ')}.`,
      path,
    )
  }
  return candidates[0]
}

/** The first of some lists that is not empty. */
function firstOf(...lists: Parameter[][]): Parameter[] {
  return lists.find((list) => list.length > 0) ?? []
}

function begins(known: string, name: string): boolean {
  return plain(known).startsWith(plain(name))
}

/** The form used to compare names. */
function plain(name: string): string {
  return name.replaceAll('-', '').toLowerCase()
}

/** Whether a word is a parameter in PowerShell's spelling; `-` alone and negative numbers are not. */
export function isPowerShellParameter(word: string): boolean {
  return /^-[A-Za-z?]/.test(word)
}

class Speller {
  private readonly given = new Map<Parameter, string[]>()
  private readonly bare: string[] = []
  private readonly waiting: string[]

  constructor(
    words: string[],
    private readonly parameters: Parameter[],
    private readonly path: string[],
  ) {
    this.waiting = [...words]
  }

  spell(): OneSpelling {
    for (let word = this.waiting.shift(); word !== undefined; word = this.waiting.shift()) {
      if (word === '--') this.bare.push(...this.waiting.splice(0))
      else if (word.startsWith('--')) this.kebab(word)
      else if (isPowerShellParameter(word)) this.pascal(word)
      else this.bare.push(word)
    }
    return { options: this.options(), positionals: this.positionals() }
  }

  /** `--option`, `--option=value`, `--option value`. */
  private kebab(word: string): void {
    const [name, value] = parted(word.slice(2), '=')
    const parameter = this.parameters.find((one) => one.options.includes(name))
    if (!parameter) throw this.unknownOption(name)
    if (parameter.kind === 'switch') this.add(parameter, value === undefined ? 'true' : truth(word, value))
    else this.add(parameter, value ?? this.valueAfter(`--${name} needs a value.`))
  }

  /** `-Name value`, `-Name:value`, `-Name: value`, `-Switch`, `-Switch:$false`. */
  private pascal(word: string): void {
    const [name, joined] = parted(word.slice(1), ':')
    if (this.unfold(name)) return
    const parameter = parameterNamed(name, this.parameters, this.path)
    if (!parameter) throw this.unknownParameter(name)
    if (parameter.kind === 'switch') this.add(parameter, this.switchValue(word, joined))
    else this.add(parameter, ...this.listAfter(parameter, joined))
  }

  /** `-aq` and `-qf FILTER`, as docker takes several short options at once: all but the last are switches. */
  private unfold(name: string): boolean {
    if (
      !/^[a-z]{2,4}$/.test(name) ||
      this.parameters.some((one) => one.names.some((known) => begins(known, name)))
    )
      return false
    const letters = name.split('').map((letter) => this.ofLetter(letter))
    if (!letters.every((one, i) => one && (one.kind === 'switch' || i === letters.length - 1))) return false
    this.waiting.unshift(...name.split('').map((letter) => `-${letter}`))
    return true
  }

  private ofLetter(letter: string): Parameter | undefined {
    return this.parameters.find((one) => one.names.some((known) => plain(known) === letter))
  }

  private switchValue(word: string, joined: string | undefined): string {
    if (joined === undefined) return 'true'
    if (joined !== '') return truth(word, joined)
    const [following] = this.waiting
    if (following !== undefined && isTruth(following)) return truth(word, this.waiting.shift() ?? '')
    throw usage(
      `${word} has no value.`,
      this.path,
      `Write it in quotes, '${word}$false': this shell has put nothing in the place of the variable.`,
    )
  }

  /** One value, or several if there is a comma at the end of a word or at the beginning of the next. */
  private listAfter(parameter: Parameter, joined: string | undefined): string[] {
    const missing = `Missing an argument for parameter '${parameter.names[0]}'. Specify a parameter of type 'System.String' and try again.`
    const values = [joined ? joined : this.valueAfter(missing)]
    while (values.at(-1)?.endsWith(',') || this.waiting[0]?.startsWith(',')) {
      const following = this.waiting.shift()
      if (following === undefined) break
      values.push(following)
    }
    if (values.length === 1) return values
    return values
      .join(',')
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '')
  }

  private valueAfter(missing: string): string {
    const value = this.waiting[0]
    if (value === undefined || /^--?[A-Za-z?]/.test(value)) throw usage(missing, this.path)
    this.waiting.shift()
    return value
  }

  private add(parameter: Parameter, ...values: string[]): void {
    const before = this.given.get(parameter)
    if (before && parameter.kind !== 'list')
      throw usage(
        `Cannot bind parameter because parameter '${parameter.names[0]}' is specified more than once.`,
        this.path,
      )
    this.given.set(parameter, [...(before ?? []), ...values])
  }

  private options(): string[] {
    const options: string[] = []
    for (const [parameter, values] of this.given)
      if (parameter.kind !== 'positional')
        for (const value of values) options.push(`--${parameter.key}=${value}`)
    return options
  }

  /** Named ones first, as PowerShell binds them; words without a name fill the remaining places. */
  private positionals(): string[] {
    const places = this.parameters.filter((one) => one.kind === 'positional')
    const bare = [...this.bare]
    const filled: string[] = []
    for (const place of places) {
      const named = this.given.get(place)
      if (named) filled.push(...named)
      else if (place !== places.at(-1)) filled.push(...bare.splice(0, 1))
    }
    filled.push(...bare)
    const dashed = filled.find((word) => word.startsWith('-') && word !== '-')
    if (dashed !== undefined)
      throw usage(`'${dashed}' begins with a dash.`, this.path, `Write ./${dashed} for a file of that name.`)
    return filled
  }

  private unknownOption(name: string): Error {
    const known = this.parameters.flatMap(({ options }) => options)
    const here = optionHere(name, known, this.path.join(' '))
    const dashed = known.map((one) => `--${one}`)
    const near = here === undefined ? didYouMean(`--${name}`, dashed) : ''
    return usage(`Unknown option --${name}.${near}`, this.path, here)
  }

  private unknownParameter(name: string): Error {
    const known = this.parameters.flatMap((one) => one.names.map((known) => `-${known}`))
    const here = optionHere(
      name,
      this.parameters.flatMap(({ options }) => options),
      this.path.join(' '),
    )
    // Everything is close to a word of one or two letters.
    const near = here !== undefined || name.length < 3 ? '' : didYouMean(`-${name}`, known)
    return usage(`A parameter cannot be found that matches parameter name '${name}'.${near}`, this.path, here)
  }
}

function parted(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function isTruth(value: string): boolean {
  return /^\$?(true|false)$/i.test(value)
}

function truth(word: string, value: string): string {
  if (isTruth(value)) return value.replace('$', '').toLowerCase()
  throw usage(`${word}: a switch is $true or $false, not '${value}'.`)
}
