import { ContainerImageError } from '../../../../manifests/index.js'

/** Longer than any name or path that a system accepts. */
const LONGEST = 8192
const MOST = 10_000

/** The fields of a request, each read as the type that it has to have. */
export class Fields {
  private constructor(private readonly values: Record<string, unknown>) {}

  /** @throws USAGE if it is not an object */
  static of(request: unknown): Fields {
    if (typeof request !== 'object' || request === null || Array.isArray(request))
      throw wrong('The request', 'an object')
    return new Fields(request as Record<string, unknown>)
  }

  text(name: string): string | undefined {
    const value = this.values[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string' || value.length > LONGEST || value.includes('\0'))
      throw wrong(name, 'a text without NUL')
    return value
  }

  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw wrong(name, 'a text')
    return value
  }

  flag(name: string): boolean {
    const value = this.values[name]
    if (value !== undefined && typeof value !== 'boolean') throw wrong(name, 'true or false')
    return value ?? false
  }

  list(name: string): string[] | undefined {
    const value = this.values[name]
    if (value === undefined) return undefined
    if (!Array.isArray(value) || value.length > MOST) throw wrong(name, 'a list of texts')
    const each = value.map((one) => Fields.of({ one }).required('one'))
    return each.length === 0 ? undefined : each
  }
}

function wrong(name: string, expected: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${name} is not what this action takes.`, { expected })
}
