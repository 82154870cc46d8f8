import { rmSync } from 'node:fs'
import { copyOfTheBuild } from './mutate/copy-of-build.js'
import { takeOutRules } from './mutate/take-out.js'

/** Takes the rules of docs/threat-model.md out, one after the other; numbers on the command line select threats. */
const only = process.argv.slice(2).map(Number)
const copy = copyOfTheBuild()
try {
  if (!(await takeOutRules(copy, only))) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}
