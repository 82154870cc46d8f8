import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { allCommands } from '../../cli/commands/index.js'
import { cliPage } from '../../scripts/docs/cli-page.js'
import { errorsPage } from '../../scripts/docs/errors-page.js'

describe('the pages that are made from the sources', () => {
  it('docs/cli.md is what the commands say; `npm run docs` writes it', async () => {
    expect(readFileSync('docs/cli.md', 'utf8')).to.equal(cliPage(await allCommands()))
  })

  it('docs/errors.md is what manifests/errors.ts says; `npm run docs` writes it', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).to.equal(errorsPage())
  })
})
