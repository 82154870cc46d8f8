import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { type Outcome, runTests } from './run-tests.js'
import { type Threat, threats } from './threat-list.js'
import { rules, type TakenOut } from './threat-rules.js'

/** How long the tests of a threat may take with all rules in place, on a machine that has twenty other things to do. */
const WITH_RULES_MS = 3_600_000
/** Without a rule some never end; the least time to wait for them, and how many times as long as they took before. */
const [LEAST_PATIENCE_MS, TIMES_LONGER] = [120_000, 4]

/**
 * Takes the rule against each threat out, one place at a time, and runs the tests that the page names for it. Before
 * the first place they run with all rules in place: a test that fails anyway, or a name that no test has, would notice
 * everything.
 * @param copy a folder with the build, which is changed and restored
 * @param only the numbers of some threats; default: all
 * @returns whether each was noticed
 */
export async function takeOutRules(copy: string, only: readonly number[]): Promise<boolean> {
  const chosen = threats().filter(({ number }) => only.length === 0 || only.includes(number))
  const [survivors, unfit]: [string[], number[]] = [[], []]
  let tried = 0
  for (const threat of chosen) {
    const places = rules().filter((rule) => rule.threat === threat.number)
    const start = performance.now()
    if (places.length > 0 && (await outcomeOf(copy, threat, WITH_RULES_MS)) !== 'survived') {
      unfit.push(threat.number)
      console.log(`unfit     ${threat.number}, ${threat.rule}: a test fails though no rule is taken out`)
      continue
    }
    const patience = LEAST_PATIENCE_MS + TIMES_LONGER * (performance.now() - start)
    for (const taken of places) {
      const outcome = await withoutRule(copy, taken, () => outcomeOf(copy, threat, patience))
      tried++
      if (outcome === 'survived') survivors.push(shown(threat, taken))
      console.log(`${outcome.padEnd(9)} ${shown(threat, taken)}`)
    }
  }
  console.log(
    `\n${tried - survivors.length} of ${tried} rules taken out were noticed by the tests that are named.`,
  )
  if (unfit.length > 0) console.log(`Not tried, as their tests fail by themselves: ${unfit.join(', ')}`)
  if (survivors.length > 0) console.log(`\nSurvivors:\n${survivors.map((one) => `  ${one}`).join('\n')}`)
  return survivors.length === 0 && unfit.length === 0
}

/** Whether any of the named tests fails. */
async function outcomeOf(copy: string, { shownBy }: Threat, patience: number): Promise<Outcome> {
  for (const { file, title } of shownBy) {
    const test = path.join('dist', 'test', `${file}.test.js`)
    const outcome = await runTests(copy, [test], ['--fgrep', title], patience)
    if (outcome !== 'survived') return outcome
  }
  return 'survived'
}

async function withoutRule<T>(copy: string, { edits }: TakenOut, work: () => Promise<T>): Promise<T> {
  const before = new Map<string, string>()
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const compiled = path.join(copy, 'dist', file.replace(/\.ts$/, '.js'))
    before.set(compiled, readFileSync(compiled, 'utf8'))
    const changed = edits
      .filter((edit) => edit.file === file)
      .reduce((text, { rule, without }) => text.replace(rule, () => without), readFileSync(file, 'utf8'))
    writeFileSync(compiled, compiledText(changed))
  }
  try {
    return await work()
  } finally {
    for (const [compiled, text] of before) writeFileSync(compiled, text)
  }
}

function compiledText(source: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  }
  return ts.transpileModule(source, { compilerOptions }).outputText
}

function shown({ number, rule }: Threat, { edits }: TakenOut): string {
  return `${number}, ${rule}: ${edits.map(({ file, rule: line }) => `${file}, ${line.trim().split('\n')[0]}`).join('; ')}`
}
