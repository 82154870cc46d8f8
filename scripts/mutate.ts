import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { AREAS, type Area, filesOf, testsOf } from './mutate/areas.js'
import { copyOfTheBuild } from './mutate/copy-of-build.js'
import { type Mutant, mutantsOf, textWith } from './mutate/mutants.js'
import { randomOf, shuffled } from './mutate/random.js'
import { type Outcome, runTests } from './mutate/run-tests.js'

/** Changes one place in the compiled code at a time, and reports which changes no test notices. */
const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '60' },
    file: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})

interface Planned {
  file: string
  area: Area
  mutant: Mutant
}

const most = numberOf('most', values.most)
const seed = numberOf('seed', values.seed)
const all = planned(values.file)
if (all.length === 0) {
  console.error(`No area of the mutation run has ${values.file}; the areas are in scripts/mutate/areas.ts.`)
  process.exit(2)
}
const sample = shuffled(all, randomOf(seed)).slice(0, most)
console.log(`${sample.length} of ${all.length} mutants, seed ${seed}`)

const copy = copyOfTheBuild()
const survivors: Planned[] = []
const counts: Record<Outcome, number> = { killed: 0, survived: 0, 'timed out': 0 }
try {
  await expectGreen()
  for (const one of sample) await tryOne(one)
} finally {
  rmSync(copy, { recursive: true, force: true })
}
report()

function numberOf(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`--${name} takes a number, not ${text}.`)
  process.exit(2)
}

function planned(only: string | undefined): Planned[] {
  const wanted =
    only &&
    path
      .normalize(only)
      .replace(/^dist[\\/]/, '')
      .replace(/\.ts$/, '.js')
      .replace(/[\\/]$/, '')
  return AREAS.flatMap((area) =>
    filesOf(area)
      .filter((file) => !wanted || isWithin(path.relative('dist', file), wanted))
      .flatMap((file) =>
        mutantsOf(file, readFileSync(file, 'utf8')).map((mutant) => ({ file, area, mutant })),
      ),
  )
}

/** A file, or a folder of them. */
function isWithin(file: string, wanted: string): boolean {
  return file === wanted || file.startsWith(`${wanted}${path.sep}`)
}

/** A test that already fails without a change would kill every mutant. */
async function expectGreen(): Promise<void> {
  for (const area of new Set(sample.map((one) => one.area))) {
    const outcome = await runTests(copy, testsOf(area))
    if (outcome === 'survived') continue
    throw new Error(`The tests of ${area.name} fail without a mutant: ${outcome}`)
  }
}

async function tryOne(one: Planned): Promise<void> {
  const file = path.join(copy, one.file)
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, textWith(before, one.mutant))
  const outcome = await runTests(copy, testsOf(one.area))
  writeFileSync(file, before)
  counts[outcome]++
  if (outcome === 'survived') survivors.push(one)
  console.log(`${outcome.padEnd(9)} ${described(one)}`)
}

function described({ file, mutant }: Planned): string {
  const source = path.relative('dist', file).replace(/\.js$/, '')
  return `${source}, ${mutant.operator}: ${mutant.shown}`
}

function report(): void {
  const noticed = counts.killed + counts['timed out']
  const score = Math.round((100 * noticed) / sample.length)
  console.log(
    `\n${noticed} of ${sample.length} noticed (${score} %), ${counts['timed out']} of them by time-out`,
  )
  if (survivors.length > 0)
    console.log(`\nSurvivors:\n${survivors.map((one) => `  ${described(one)}`).join('\n')}`)
}
