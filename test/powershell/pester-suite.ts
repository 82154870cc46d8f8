import { readFileSync } from 'node:fs'
import path from 'node:path'
import { hashSync } from 'bcryptjs'
import { describeWithPeers, peer } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { playground, runPowerShell } from './run-powershell.js'

interface PesterResult {
  Path: string
  Result: string
  Error: string
}

/** The tests of a Pester file as tests of ours: it runs once, and each of its tests is reported under its own name. */
export function pesterSuite(name: string): void {
  const file = path.resolve('test/powershell', `${name}.Tests.ps1`)
  describeWithPeers(['powershell'], `the PowerShell module: ${name}`, () => {
    const temporary = scratch()
    const results = new Map<string, PesterResult>()

    before(async () => {
      for (const result of await runPester(file, temporary.folder())) results.set(result.Path, result)
    })
    after(() => temporary.remove())

    for (const [group, titles] of testsIn(file))
      describe(group, () => {
        for (const title of titles)
          it(title, () => {
            const result = results.get(`${group} > ${title}`)
            if (result?.Result !== 'Passed') throw new Error(result?.Error ?? 'Pester did not run it.')
          })
      })
  })
}

async function runPester(file: string, folder: string): Promise<PesterResult[]> {
  const env = await playground(folder)
  const pester = path.join(path.dirname(peer('powershell') ?? ''), 'Pester', 'Pester.psd1')
  const results = path.join(folder, 'results.json')
  const script = path.resolve('test/powershell/run-pester.ps1')
  const run = await runPowerShell(['-NonInteractive', '-File', script, file, pester, results], {
    env: { ...env, TEST_HTPASSWD: `operator:${hashSync('pass wörd', 4)}` },
  })
  try {
    return JSON.parse(readFileSync(results, 'utf8'))
  } catch {
    throw new Error(`Pester ended with ${run.status}:\n${run.stdout}${run.stderr}`)
  }
}

/** The names of the tests in each group of a file. */
function testsIn(file: string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  let titles: string[] = []
  for (const [, word, title = ''] of readFileSync(file, 'utf8').matchAll(/^\s*(Describe|It) '([^']+)'/gm)) {
    if (word === 'It') titles.push(title)
    else groups.set(title, (titles = []))
  }
  return groups
}
