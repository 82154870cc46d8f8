import { PassThrough } from 'node:stream'
import { runCommandLine } from '../../../cli/run-command-line.js'
import { expectKnownOptions } from './known-options.js'

/** How a command line ended. */
export interface Ended {
  code: number
  out: string
  err: string
}

/** Runs a command line in this process. @param input what is typed on a terminal, or comes from a pipe */
export async function run(
  words: string[],
  input?: { answer: string } | { piped: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  const terminal = input && 'answer' in input ? { isTTY: true } : {}
  const stdin = Object.assign(new PassThrough(), terminal)
  if (input) stdin.end('answer' in input ? input.answer : input.piped)
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), terminal)
  const [out, err] = [gathered(stdout), gathered(stderr)]
  const code = await runCommandLine(words, {
    stdin,
    stdout,
    stderr,
    env: { TERM: 'dumb' },
    signal,
    now: new Date('2024-03-03T00:00:00Z'),
  })
  const ended = { code, out: out(), err: err() }
  await expectKnownOptions(words, ended)
  return ended
}

/** All that is written, however much it is. */
function gathered(stream: PassThrough): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => {
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }
}
