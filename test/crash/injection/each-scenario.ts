import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { SCENARIOS } from './all-scenarios.js'
import { Inputs } from './inputs.js'
import type { Scenario } from './scenario.js'
import { removeTree } from './workspace.js'

let stopped = false

/** Whether a signal came: what is being tried is brought to its end, and nothing else is begun. */
export function isStopped(): boolean {
  return stopped
}

/**
 * Tries each scenario in a folder of its own, which is removed after it.
 * @param titles texts, one of which a scenario has in its title; default: all scenarios
 * @param attempt is given what all scenarios share, with the folder where it lies, and the scenario's own folder
 */
export async function eachScenario(
  titles: readonly string[] | undefined,
  attempt: (scenario: Scenario, inputs: Inputs, places: { shared: string; own: string }) => Promise<void>,
): Promise<void> {
  const shared = mkdtempSync(path.join(os.tmpdir(), 'containerimage-scenarios-'))
  process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(shared, 'settings')
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopped = true
    })
  const inputs = new Inputs(shared)
  try {
    for (const [i, scenario] of SCENARIOS.entries()) {
      if (stopped) break
      if (titles && !titles.some((text) => scenario.title.includes(text))) continue
      const own = path.join(shared, `scenario-${i}`)
      try {
        await attempt(scenario, inputs, { shared, own })
      } finally {
        removeTree(own)
      }
    }
  } finally {
    await inputs.close()
    removeTree(shared)
  }
}
