import { stat } from 'node:fs/promises'
import { ContainerImageError, show } from '../../manifests/index.js'
import { readUserFile } from '../io/files/read-user-file.js'
import { fromSystem } from '../io/files/system-errors.js'

/** bcrypt as htpasswd -B and docker's registry write it. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** One comparison at cost 17 takes ten seconds; a higher cost must be a mistake. */
const MOST_COST = 17

/**
 * Reads the lines of an htpasswd file: names with their bcrypt hashes.
 * @throws INVALID_DOCUMENT where a line is none, or has a hash of another kind
 */
function parseHtpasswd(text: string, file: string): Map<string, string> {
  const users = new Map<string, string>()
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    const [name, hash] = [line.slice(0, colon), line.slice(colon + 1)]
    const cost = Number(BCRYPT.exec(hash)?.[1] ?? 0)
    if (colon <= 0 || cost < 4 || cost > MOST_COST) throw unusable(file, i + 1, colon <= 0 ? '' : name)
    users.set(name, hash)
  }
  return users
}

/** The hash itself is a secret, and not shown. */
function unusable(file: string, line: number, name: string): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', `${file}, line ${line}, cannot be used.`, {
    expected: `NAME:HASH with a bcrypt hash ($2y$, cost 4 to ${MOST_COST})`,
    found: name === '' ? 'a line without a name' : `another kind of hash for ${show(name)}`,
    remedy: 'Write the line with `htpasswd -B -n NAME`.',
  })
}

/** The users of an htpasswd file, as the file is now. */
export class Htpasswd {
  private users = new Map<string, string>()
  private seen = ''

  /**
   * @param failed called if the file was changed and cannot be read: users who were let in before still are
   */
  constructor(
    private readonly file: string,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @throws PATH_NOT_FOUND, INVALID_DOCUMENT */
  async start(): Promise<void> {
    this.seen = await this.state()
    this.users = await this.load()
  }

  /** The hash of a user; undefined where there is no such user. */
  async hashOf(name: string): Promise<string | undefined> {
    const state = await this.state().catch(() => this.seen)
    if (state !== this.seen) {
      this.seen = state
      try {
        this.users = await this.load()
      } catch (error) {
        this.failed(error)
      }
    }
    return this.users.get(name)
  }

  /** Two digits: the cost of the first hash, which is that of the others as a rule. */
  get cost(): string {
    const [first = ''] = this.users.values()
    return BCRYPT.exec(first)?.[1] ?? '10'
  }

  private async state(): Promise<string> {
    const { ino, size, mtimeNs } = await stat(this.file, { bigint: true }).catch((error) => {
      throw fromSystem(error, `Reading ${this.file}`, 'source')
    })
    return `${ino} ${size} ${mtimeNs}`
  }

  private async load(): Promise<Map<string, string>> {
    const bytes = await readUserFile(this.file)
    return parseHtpasswd(bytes.toString('utf8'), this.file)
  }
}
