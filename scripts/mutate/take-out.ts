import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { type Outcome, runTests } from './run-tests.js'
import { type Threat, threats } from './threat-list.js'
import { rules, type TakenOut } from './threat-rules.js'

/**
 * Takes the rule against each threat out, one place at a time, and runs the tests that the page names for it.
 * @param copy a folder with the build, which is changed and put right again
 * @param only the numbers of some threats; default: all
 */
export async function takeOutRules(copy: string, only: readonly number[]): Promise<boolean> {
  const chosen = threats().filter(({ number }) => only.length === 0 || only.includes(number))
  const survivors: string[] = []
  let tried = 0
  for (const threat of chosen) {
    for (const taken of rules().filter((rule) => rule.threat === threat.number)) {
      const outcome = await withoutRule(copy, taken, () => outcomeOf(copy, threat))
      tried++
      if (outcome === 'survived') survivors.push(shown(threat, taken))
      console.log(`${outcome.padEnd(9)} ${shown(threat, taken)}`)
    }
  }
  console.log(
    `\n${tried - survivors.length} of ${tried} rules taken out were noticed by the tests that are named.`,
  )
  if (survivors.length > 0) console.log(`\nSurvivors:\n${survivors.map((one) => `  ${one}`).join('\n')}`)
  return survivors.length === 0
}

/** Whether any of the tests that are named fails. @throws where one of them fails by itself */
async function outcomeOf(copy: string, { shownBy }: Threat): Promise<Outcome> {
  for (const { file, title } of shownBy) {
    const outcome = await runTests(copy, [path.join('dist', 'test', `${file}.test.js`)], ['--fgrep', title])
    if (outcome !== 'survived') return outcome
  }
  return 'survived'
}

/** A test that fails by itself, or that nothing has the name of, would notice everything. */
export async function expectGreen(copy: string, only: readonly number[]): Promise<void> {
  for (const threat of threats())
    if (only.length === 0 || only.includes(threat.number))
      if ((await outcomeOf(copy, threat)) !== 'survived')
        throw new Error(`A test of threat ${threat.number} fails though no rule is taken out.`)
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
