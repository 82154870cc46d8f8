import type {
  DocumentReader,
  FolderImage,
  FolderLister,
  RegistryOptions,
  TagCache,
  TagLister,
} from '../../catalog/ports.js'
import { ContainerImageError } from '../../manifests/index.js'

type Answer = string[] | Error | 'never'

/** A registry's lists from memory; what it was asked is kept. `never` answers only when it is aborted. */
export class Lists implements TagLister {
  readonly asked: string[] = []
  readonly options: RegistryOptions[] = []
  underWay = 0
  mostUnderWay = 0

  constructor(
    private readonly repositoryTags: Record<string, Answer>,
    private readonly catalog?: string[] | Error,
  ) {}

  async tags(registry: string, repository: string, options: RegistryOptions): Promise<string[]> {
    this.asked.push(`${registry}/${repository}`)
    this.options.push(options)
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay)
    try {
      await new Promise((resolve) => setImmediate(resolve))
      const answer = this.repositoryTags[repository] ?? notFound(repository)
      if (answer === 'never') return await new Promise(() => {})
      if (answer instanceof Error) throw answer
      return answer
    } finally {
      this.underWay--
    }
  }

  async repositories(_registry: string, options: RegistryOptions): Promise<string[] | undefined> {
    this.asked.push('_catalog')
    this.options.push(options)
    if (this.catalog instanceof Error) throw this.catalog
    return this.catalog
  }
}

export function notFound(what: string): ContainerImageError {
  return new ContainerImageError('NOT_FOUND', `There is no ${what}.`)
}

export function unreachable(host: string): ContainerImageError {
  return new ContainerImageError('NETWORK_UNREACHABLE', `${host} cannot be reached.`)
}

/** Gives the same document for every location, and keeps what it was asked. */
export class Document implements DocumentReader {
  readonly asked: { location: string; limit: number; insecure?: boolean }[] = []

  constructor(private readonly content: string | Uint8Array | Error) {}

  async read(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array> {
    this.asked.push({ location, limit: options.limit, ...(options.insecure ? { insecure: true } : {}) })
    if (this.content instanceof Error) throw this.content
    return typeof this.content === 'string' ? Buffer.from(this.content) : this.content
  }
}

export class Folder implements FolderLister {
  times = 0

  constructor(private readonly answer: { entries: FolderImage[]; notes: string[] } | Error) {}

  async images(): Promise<{ entries: FolderImage[]; notes: string[] }> {
    this.times++
    if (this.answer instanceof Error) throw this.answer
    return this.answer
  }
}

/** A cache in memory, whose answers are as old as the test says. */
export class Kept implements TagCache {
  readonly written = new Map<string, string[]>()

  constructor(private readonly answers: Record<string, { tags: string[]; age: number }> = {}) {}

  async get(key: string): Promise<{ tags: string[]; age: number } | undefined> {
    return this.answers[key]
  }

  async set(key: string, tags: string[]): Promise<void> {
    this.written.set(key, tags)
  }
}
