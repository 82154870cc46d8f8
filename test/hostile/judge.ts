import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { ERROR_CODES } from '../../manifests/index.js'
import { run } from '../cli/command/run.js'

/** What may steer, reorder or hide text; line ends and tabs are ours. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

const MOST_BYTES = 300 * 1024 * 1024

/**
 * Runs a command line, and says what about its end must not be, whatever it was given.
 * @param patience milliseconds after which it is told to stop; default: never
 * @returns its exit code
 */
export async function judged(words: string[], patience?: number): Promise<number> {
  const line = words.join(' ').slice(0, 600)
  const before = forgetPeak()
  const stop = new AbortController()
  const timer = patience === undefined ? undefined : setTimeout(() => stop.abort(), patience)
  const piped = words.includes('--password-stdin') ? { piped: 'a password' } : undefined
  const { code, out, err } = await run(words, piped, stop.signal).finally(() => clearTimeout(timer))
  expect(peakBytes() - before, `${line} took memory`).to.be.below(MOST_BYTES)
  const isBytes = words.includes('-')
  expect(
    STEERING.exec(isBytes ? err : out + err)?.[0],
    `${line} says ${out.slice(0, 300)}${err.slice(0, 300)}`,
  ).to.equal(undefined)
  if (words.includes('--json')) expectDocuments(line, code, out, err)
  return code
}

/**
 * Lets the peak begin anew where the system can (proc(5), clear_refs), so that nothing that ran before hides what a
 * command takes. @returns what the process has now, or, where the peak stays, what it has had at most
 */
function forgetPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return process.memoryUsage.rss()
  } catch {
    return peakBytes()
  }
}

/** The most memory that the process has had, since the peak began anew. */
function peakBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}

function expectDocuments(line: string, code: number, out: string, err: string): void {
  if (out !== '') expect(() => JSON.parse(out), `${line} prints ${out.slice(0, 300)}`).not.to.throw()
  const errors = err
    .split('\n')
    .filter((text) => text.startsWith('{"error"'))
    .map((text) => (JSON.parse(text) as { error: { code: string; message: string } }).error)
  if (code !== 0 && out === '')
    expect(errors, `${line} ends with ${code} and says ${err.slice(0, 300)}`).not.to.deep.equal([])
  for (const { code: name, message } of errors) {
    expect(name, `${line}: ${message}`).not.to.equal('UNEXPECTED')
    expect(Object.keys(ERROR_CODES), line).to.include(name)
  }
}
