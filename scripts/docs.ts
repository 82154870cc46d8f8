// Writes the pages that are made from the sources: docs/cli.md and docs/errors.md.
import { writeFileSync } from 'node:fs'
import { allCommands } from '../cli/commands/index.js'
import { cliPage } from './docs/cli-page.js'
import { errorsPage } from './docs/errors-page.js'

writeFileSync('docs/cli.md', `${cliPage(await allCommands()).trimEnd()}\n`)
writeFileSync('docs/errors.md', `${errorsPage().trimEnd()}\n`)
