import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LEFT_OUT } from '../../test/windows/left-out.js'
import { sourceOf } from '../test/chosen-tests.js'
import type { Line } from './reporter.js'
import { judge, type Verdict } from './verdict.js'
import { Wine } from './wine.js'

/** Far longer than they take; a run that hangs is stopped. */
const TESTS_SECONDS = 1500
const DEMO_SECONDS = 600

/** How much to show of the last output of a run that ended before its tests. */
const LAST_CHARACTERS = 4000

/** The most failures that an exit code can express. */
const MOST_IN_A_CODE = 255

interface Tests {
  /** For the files that the run writes. */
  folder: string
  /** Compiled files. */
  specs: string[]
  /** More options of mocha. */
  options: string[]
}

/** Runs tests in one mocha, as every start of Node takes a while there. */
export async function runTests(wine: Wine, { folder, specs, options }: Tests): Promise<Verdict> {
  const lines = path.join(folder, 'lines.txt')
  writeFileSync(lines, '')
  const printed = path.join(folder, 'printed.txt')
  const config = path.join(folder, 'mocha.json')
  writeFileSync(config, JSON.stringify(mochaConfig(specs, lines)))
  const mocha = 'node_modules/mocha/bin/mocha.js'
  const ending = await wine.runNode([mocha, '--config', Wine.path(config), ...options], printed, {
    seconds: TESTS_SECONDS,
    env: environment(),
  })
  const found = readFileSync(lines, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
  const verdict = judge(found, LEFT_OUT, options.length > 0 ? [] : specs.map(sourceOf))
  // If mocha comes to an end, its exit code is the number of failures.
  const failed = found.filter(({ state }) => state === 'failed').length
  if (ending !== Math.min(failed, MOST_IN_A_CODE))
    verdict.failures.push(
      `mocha ended with ${ending}\n${readFileSync(printed, 'utf8').slice(-LAST_CHARACTERS)}`,
    )
  return verdict
}

/** @returns what went wrong */
export async function runDemo(wine: Wine, folder: string): Promise<string | undefined> {
  const printed = path.join(folder, 'demo.txt')
  const ending = await wine.runNode(['dist/scripts/demo.js'], printed, {
    seconds: DEMO_SECONDS,
    env: environment(),
  })
  if (ending === 0) return undefined
  return `The demo ended with ${ending}.\n${readFileSync(printed, 'utf8').slice(-LAST_CHARACTERS)}`
}

function mochaConfig(specs: string[], lines: string): Mocha.MochaOptions & Record<string, unknown> {
  return {
    ...JSON.parse(readFileSync('.mocharc.json', 'utf8')),
    spec: specs,
    exit: true,
    reporter: './dist/scripts/windows/reporter.js',
    'reporter-option': [`output=${Wine.path(lines)}`],
  }
}

function environment(): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--require=${Wine.path('dist/test/windows/under-wine.js')}`,
    CONTAINERIMAGE_CONFIG_DIR: 'C:\\settings',
  }
}
