import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { environmentOf, type Workspace } from '../injection/workspace.js'

const PROGRAM = fileURLToPath(new URL('../../../bin/containerimage.js', import.meta.url))

const CALLS = [
  ...['open', 'openat', 'creat', 'write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'copy_file_range'],
  ...['sendfile', 'ftruncate', 'truncate', 'fallocate', 'fsync', 'fdatasync', 'chmod', 'fchmod', 'fchmodat'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'unlink', 'unlinkat'],
  ...['rmdir', 'mkdir', 'mkdirat'],
]

/** One change of what lies below a folder, or one sync there. Names are paths from that folder. */
export type Change =
  | { kind: 'open'; name: string; mode: number; truncates: boolean }
  | { kind: 'write'; name: string; at: number; bytes: Buffer }
  /** From a file below the folder as well, which may have another name by the end. */
  | { kind: 'copy'; name: string; at: number; from: string; fromAt: number; count: number }
  | { kind: 'size'; name: string; size: number; onlyGrows?: boolean }
  | { kind: 'mode'; name: string; mode: number }
  | { kind: 'sync'; name: string }
  | { kind: 'mkdir'; name: string; mode: number }
  | { kind: 'link'; from: string; to: string }
  | { kind: 'symlink'; target: string; to: string }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'remove'; name: string }

/**
 * Runs the program in a workspace, and returns what it changed there and synced, in the order in which the calls were
 * over (strace). @throws where it does not end with the code
 */
export async function record(workspace: Workspace, words: string[], code = 0): Promise<Change[]> {
  return await recorded([process.execPath, PROGRAM, ...words], workspace, code)
}

/** The same for a program that is given as text, in tests of the player itself. */
export async function recordModule(workspace: Workspace, source: string): Promise<Change[]> {
  return await recorded([process.execPath, '--input-type=module', '-e', source], workspace, 0)
}

async function recorded(command: string[], workspace: Workspace, expected: number): Promise<Change[]> {
  const log = `${workspace.root}.strace`
  const tracing = ['-f', '-y', '-qq', '-xx', '-s', String(1 << 26), '-e', `trace=${CALLS.join(',')}`]
  const child = spawn('strace', [...tracing, '-o', log, ...command], {
    cwd: workspace.root,
    env: { ...environmentOf(workspace), PWD: path.resolve(workspace.root) },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(workspace.input)
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8')
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  try {
    if (code !== expected) throw new Error(`The run to be recorded ended with ${code}: ${err}`)
    return new Reader(workspace.root).changesIn(readFileSync(log, 'latin1'))
  } finally {
    rmSync(log, { force: true })
  }
}

/** After how many changes something else may be lost than before: a run of writes to one file counts once. */
export function momentsOf(changes: readonly Change[]): number[] {
  return changes.flatMap((change, i) => {
    const next = changes[i + 1]
    const goesOn = change.kind === 'write' && next?.kind === 'write' && next.name === change.name
    return goesOn ? [] : [i + 1]
  })
}

/** Reads the lines of strace. */
class Reader {
  /** Where the next bytes of an open file go: by its number and name. */
  private readonly places = new Map<string, number>()

  constructor(private readonly root: string) {}

  changesIn(log: string): Change[] {
    const changes: Change[] = []
    const begun = new Map<string, string>()
    for (const line of log.split('\n')) {
      const space = line.indexOf(' ')
      const [thread, rest] = [line.slice(0, space), line.slice(space + 1).trimStart()]
      if (rest.endsWith('<unfinished ...>')) {
        begun.set(thread, rest.slice(0, -'<unfinished ...>'.length))
        continue
      }
      const resumed = /^<\.\.\. \w+ resumed>/.exec(rest)
      const whole = resumed ? `${begun.get(thread) ?? ''}${rest.slice(resumed[0].length)}` : rest
      const change = this.changeIn(whole)
      if (change) changes.push(change)
    }
    return changes
  }

  private changeIn(text: string): Change | undefined {
    const call = /^(\w+)\((.*)\) += (-?\d+)/s.exec(text)
    if (!call) return undefined
    const [, name = '', spaced = '', result = ''] = call
    const args = spaced.trimEnd()
    if (result === '-1') return undefined
    if (/^(open|openat|creat)$/.test(name)) return this.opened(name, args, text)
    if (/write|sendfile|copy_file/.test(name)) return this.written(name, args, Number(result))
    if (/truncate|fallocate/.test(name)) return this.sized(name, args)
    const [one, other] = this.namesIn(args)
    if (one === undefined) return undefined
    if (/sync$/.test(name)) return { kind: 'sync', name: one }
    if (/chmod/.test(name)) return { kind: 'mode', name: one, mode: octalIn(args) & 0o777 }
    if (/^mkdir/.test(name)) return { kind: 'mkdir', name: one, mode: octalIn(args) & 0o755 }
    if (/^(unlink|rmdir)/.test(name)) return { kind: 'remove', name: one }
    if (/^symlink/.test(name)) return { kind: 'symlink', target: textsIn(args)[0] ?? '', to: other ?? one }
    if (other === undefined) return undefined
    return { kind: name.startsWith('rename') ? 'rename' : 'link', from: one, to: other }
  }

  private opened(call: string, args: string, text: string): Change | undefined {
    const [, number = '', handle = ''] = /= (\d+)<([^>]*)>/.exec(text) ?? []
    const place = plain(handle)
    const isAppended = args.includes('O_APPEND')
    this.places.set(`${number} ${place}`, isAppended ? Number.POSITIVE_INFINITY : 0)
    const name = this.below(place)
    if (name === undefined || !(call === 'creat' || args.includes('O_CREAT'))) {
      return name !== undefined && args.includes('O_TRUNC') ? { kind: 'size', name, size: 0 } : undefined
    }
    const truncates = call === 'creat' || args.includes('O_TRUNC')
    return { kind: 'open', name, mode: octalIn(args) & 0o755, truncates }
  }

  private written(call: string, args: string, count: number): Change | undefined {
    const handles = [...args.matchAll(/(\d+)<([^>]*)>/g)]
    const [, number = '', handle = ''] = (call === 'copy_file_range' ? handles[1] : handles[0]) ?? []
    const place = plain(handle)
    const name = this.below(place)
    if (name === undefined || count === 0) return undefined
    const key = `${number} ${place}`
    const positioned = /^pwrite/.test(call)
    const at = positioned
      ? Number((call === 'pwritev2' ? /, (\d+), \w+$/ : /, (\d+)$/).exec(args)?.[1])
      : (this.places.get(key) ?? 0)
    if (!positioned && at !== Number.POSITIVE_INFINITY) this.places.set(key, at + count)
    if (!/copy_file|sendfile/.test(call))
      return { kind: 'write', name, at, bytes: bytesIn(args).subarray(0, count) }
    const { from, fromAt } = sourceOf(call, args)
    const source = this.below(from)
    if (source !== undefined) return { kind: 'copy', name, at, from: source, fromAt, count }
    const bytes = readFileSync(from).subarray(fromAt, fromAt + count)
    return { kind: 'write', name, at, bytes }
  }

  private sized(call: string, args: string): Change | undefined {
    const [name] = this.namesIn(args)
    const numbers = [...args.replace(/"[^"]*"|<[^>]*>/g, '').matchAll(/, (\d+)/g)].map(([, one]) =>
      Number(one),
    )
    if (name === undefined) return undefined
    if (call === 'fallocate')
      return { kind: 'size', name, size: (numbers.at(-2) ?? 0) + (numbers.at(-1) ?? 0), onlyGrows: true }
    return { kind: 'size', name, size: numbers.at(-1) ?? 0 }
  }

  /** The paths that a call names, or that its handle has, as far as they lie below the folder. */
  private namesIn(args: string): string[] {
    const texts = textsIn(args)
    if (texts.length === 0) {
      const [, handle = ''] = /^\d+<([^>]*)>/.exec(args) ?? []
      return [this.below(plain(handle))].filter((name) => name !== undefined)
    }
    const folders = [...args.matchAll(/(?:AT_FDCWD|\d+)<([^>]*)>/g)].map(([, one = '']) => plain(one))
    return texts
      .map((text, i) => path.resolve(folders[i] ?? this.root, text))
      .map((place) => this.below(place))
      .filter((name) => name !== undefined)
  }

  private below(place: string): string | undefined {
    if (place === this.root) return ''
    return place.startsWith(`${this.root}/`) ? place.slice(this.root.length + 1) : undefined
  }
}

/** From where such a call copies. */
function sourceOf(call: string, args: string): { from: string; fromAt: number } {
  // copy_file_range(in, [at], out, NULL, ...); sendfile(out, in, [at], ...)
  const handles = [...args.matchAll(/\d+<([^>]*)>/g)].map(([, one = '']) => plain(one))
  const from = call === 'copy_file_range' ? handles[0] : handles[1]
  return { from: from ?? '', fromAt: Number(/\[(\d+)/.exec(args)?.[1] ?? 0) }
}

function textsIn(args: string): string[] {
  return [...args.matchAll(/"([^"]*)"/g)].map(([, text = '']) => plain(text))
}

function bytesIn(args: string): Buffer {
  return Buffer.concat([...args.matchAll(/"([^"]*)"/g)].map(([, text = '']) => bytesOf(text)))
}

function plain(text: string): string {
  return bytesOf(text).toString('utf8')
}

/** `\x2f\x77`; the paths of other kinds of files stand as they are: `pipe:[123]`. */
function bytesOf(text: string): Buffer {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text, 'latin1')
}

function octalIn(args: string): number {
  return Number.parseInt(/, (0\d+)(?:, \d+)?$/.exec(args)?.[1] ?? '0666', 8)
}
