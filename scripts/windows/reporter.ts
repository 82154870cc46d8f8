import { appendFileSync } from 'node:fs'
import path from 'node:path'
import Mocha from 'mocha'

/** The result of one test, one line of the file that the reporter writes. */
export interface Line {
  /** The source file of the test. */
  file: string
  /** Including the titles of the groups that it is in. */
  title: string
  state: 'passed' | 'failed' | 'pending'
  /** In milliseconds. */
  duration?: number
  /** The message of a failure. */
  error?: string
}

const { EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants

/** The most of each side that is shown. */
const MOST_CHARACTERS = 2000

/** Writes a line for each test that has ended, so that these are known even if the run never ends. */
export default class LineReporter {
  private readonly output: string

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    this.output = options.reporterOptions.output
    runner.on(EVENT_TEST_PASS, (test) => this.write(test, 'passed'))
    runner.on(EVENT_TEST_PENDING, (test) => this.write(test, 'pending'))
    runner.on(EVENT_TEST_FAIL, (test, error) => this.write(test, 'failed', error))
  }

  private write(test: Mocha.Runnable, state: Line['state'], error?: Error): void {
    const line: Line = {
      file: sourceOf(test.file ?? ''),
      title: test.fullTitle(),
      state,
      duration: test.duration,
      error: error && said(error),
    }
    appendFileSync(this.output, `${JSON.stringify(line)}\n`)
  }
}

/** Including both sides of a comparison, which the message cuts short. */
function said({ message, actual, expected }: Error & { actual?: unknown; expected?: unknown }): string {
  if (actual === undefined && expected === undefined) return message
  const [wanted, found] = [expected, actual].map((side) =>
    (JSON.stringify(side) ?? '').slice(0, MOST_CHARACTERS),
  )
  return `${message}\n  expected: ${wanted}\n  found:    ${found}`
}

function sourceOf(file: string): string {
  return path.relative('dist', file).split(path.sep).join('/').replace(/\.js$/, '.ts')
}
