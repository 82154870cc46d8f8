import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import path from 'node:path'
import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import { PIPED } from '../choice/archive-identity.js'
import type { Bytes } from '../io/bytes.js'
import { closing } from '../io/closing/closing.js'
import { makeScratch } from '../io/files/scratch.js'
import { fromSystem } from '../io/files/system-errors.js'
import { writeNewFile } from '../io/files/write-new-file.js'
import { type Context, inContext } from '../session/context.js'
import type { CommonOptions, Stdin } from '../session/options.js'
import { scratchOf } from './open-options.js'
import { inOtherWords } from './other-words.js'

/** What stands for standard input among paths. */
const STDIN = '-'

/**
 * Runs a verb with files in place of pipes: `-` is standard input, and `/dev/fd/63` what a shell's `<(...)`
 * gives. An archive is not read from start to end, so the data from a pipe is kept in a private file while
 * the verb runs. Whatever the verb says about that file, it says about the pipe.
 * @throws USAGE if `-` is given twice, or without standard input; NO_SPACE; INTERRUPTED
 */
export async function withPipes<R extends CommonOptions, T>(
  request: R,
  words: readonly string[],
  run: (words: string[], request: R) => Promise<T>,
): Promise<T> {
  const pipes = await pipesAmong(words)
  if (pipes.length === 0) return await run([...words], request)
  if (pipes.filter(({ fd }) => fd === 0).length > 1) throw noStdin('it can be read once only')
  const { store, signal, onProgress, whatIf, stdin } = request
  return await inContext({ store, signal, onProgress, whatIf }, async (context) => {
    const folder = await makeScratch(scratchOf(context))
    return await closing(folder.remove, async () => {
      const files = new Map(
        pipes.map(({ word, label }) => [word, path.join(folder.path, `${path.basename(label)}${PIPED}`)]),
      )
      const told = new Map(pipes.map(({ word, label }) => [files.get(word) ?? '', label]))
      return await inOtherWords(told, request, async (inWords) => {
        for (const pipe of pipes) await writeDown(context, pipe, files.get(pipe.word) ?? '', stdin)
        return await run(
          words.map((word) => files.get(word) ?? word),
          inWords,
        )
      })
    })
  })
}

/** A word that means a pipe that is open in this process. */
interface Pipe {
  word: string
  /** The number of its descriptor. */
  fd: number
  /** The name that the reader sees. */
  label: string
}

/** Any others would have to be opened, which waits for a writer. */
const OPEN_HERE = /^\/(?:dev|proc\/self)\/(?:(stdin)|fd\/([0-9]{1,9}))$/

async function pipesAmong(words: readonly string[]): Promise<Pipe[]> {
  const pipes: Pipe[] = []
  for (const word of words) {
    const [isHere, isStdin, number] = OPEN_HERE.exec(word) ?? []
    if (word === STDIN) pipes.push({ word, fd: 0, label: 'stdin' })
    else if (isHere !== undefined && (await isStream(word)))
      pipes.push({ word, fd: isStdin ? 0 : Number(number), label: word })
  }
  return pipes
}

async function isStream(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFIFO() === true || found?.isSocket() === true
}

async function writeDown(
  context: Context,
  { fd, label }: Pipe,
  file: string,
  stdin: Stdin | undefined,
): Promise<void> {
  const { signal, onProgress } = context.options
  if (fd === 0 && stdin === undefined) throw noStdin('there is none, or it is a terminal')
  const task = `Reading ${label}`
  onProgress?.({ type: 'begin', task, total: 0 })
  const tell = (count: number): void => onProgress?.({ type: 'bytes', id: label, count, kind: 'copied' })
  const source = fd === 0 && stdin !== undefined ? stdin : new Socket({ fd, readable: true, writable: false })
  await writeNewFile(file, stoppable(source, label, signal, tell))
  onProgress?.({ type: 'end', task })
}

/** The bytes of a stream that may never deliver anything: waiting for it can still be interrupted. */
async function* stoppable(
  source: Stdin,
  label: string,
  signal: AbortSignal | undefined,
  tell: (count: number) => void,
): Bytes {
  const chunks = source[Symbol.asyncIterator]()
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  signal?.addEventListener('abort', stop)
  let count = 0
  try {
    while (true) {
      throwIfAborted(signal)
      const next = await Promise.race([chunks.next(), stopped]).catch((error) => {
        throw fromSystem(error, `Reading ${label}`, 'source')
      })
      throwIfAborted(signal)
      if (!next || next.done) break
      const chunk = typeof next.value === 'string' ? Buffer.from(next.value) : next.value
      count += chunk.length
      tell(chunk.length)
      yield chunk
    }
    if (count === 0) throw nothingCame(label)
  } finally {
    signal?.removeEventListener('abort', stop)
    // Not awaited: it may be waiting itself.
    void Promise.resolve(chunks.return?.()).catch(() => {})
  }
}

function nothingCame(label: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `Nothing came through ${label}.`, {
    side: 'source',
    expected: 'an archive',
    found: '0 bytes',
    remedy: 'Check whether the program before the pipe failed.',
  })
}

function noStdin(why: string): ContainerImageError {
  return new ContainerImageError('USAGE', `- stands for standard input, and ${why}.`, {
    expected: 'an archive on standard input',
    found: why,
    remedy: 'Pipe one archive in, or give the path of its file.',
  })
}
