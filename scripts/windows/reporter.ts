import { appendFileSync } from 'node:fs'
import path from 'node:path'
import Mocha from 'mocha'

/** What became of one test, one line of the file that the reporter writes. */
export interface Line {
  /** The source of the test. */
  file: string
  /** With the titles of the groups that it is in. */
  title: string
  state: 'passed' | 'failed' | 'pending'
  /** In milliseconds. */
  duration?: number
  /** What a failure says. */
  error?: string
}

const { EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants

/** Writes a line for each test that has ended, so that they are known of a run that never ends. */
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
      error: error?.message,
    }
    appendFileSync(this.output, `${JSON.stringify(line)}\n`)
  }
}

function sourceOf(file: string): string {
  return path.relative('dist', file).split(path.sep).join('/').replace(/\.js$/, '.ts')
}
