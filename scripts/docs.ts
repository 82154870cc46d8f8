// Writes the pages that are made from the sources: docs/api.md, docs/cli.md, docs/errors.md and docs/containerimage.1.
import { writeFileSync } from 'node:fs'
import { allCommands } from '../cli/commands/index.js'
import { apiPage } from './docs/api-page.js'
import { cliPage } from './docs/cli-page.js'
import { errorsPage } from './docs/errors-page.js'
import { readLibrary } from './docs/library.js'
import { manPage } from './docs/man-page.js'

writeFileSync('docs/api.md', apiPage(readLibrary()))
writeFileSync('docs/cli.md', cliPage(await allCommands()))
writeFileSync('docs/errors.md', errorsPage())
writeFileSync('docs/containerimage.1', await manPage())
