import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { allCommands } from '../../cli/commands/index.js'
import { cliPage } from '../../scripts/docs/cli-page.js'
import { errorsPage } from '../../scripts/docs/errors-page.js'
import { manPage } from '../../scripts/docs/man-page.js'

const groff = spawnSync('groff', ['--version']).status === 0

describe('the pages that are made from the sources', () => {
  it('docs/cli.md is what the commands say; `npm run docs` writes it', async () => {
    expect(readFileSync('docs/cli.md', 'utf8')).to.equal(cliPage(await allCommands()))
  })

  it('docs/errors.md is what manifests/errors.ts says; `npm run docs` writes it', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).to.equal(errorsPage())
  })

  it('docs/containerimage.1 is what the commands say; `npm run docs` writes it, and npm installs it', async () => {
    expect(readFileSync('docs/containerimage.1', 'utf8')).to.equal(await manPage())
    expect(JSON.parse(readFileSync('package.json', 'utf8')).man).to.deep.equal(['./docs/containerimage.1'])
  })

  ;(groff ? it : it.skip)('docs/containerimage.1 is read by groff without a warning, in 80 columns', () => {
    const { stdout, stderr, status } = spawnSync(
      'groff',
      ['-man', '-Tutf8', '-ww', '-P-c', '-rLL=78n', 'docs/containerimage.1'],
      { encoding: 'utf8' },
    )
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout).to.contain('--required-version, --version VERSION').and.contain('INSTALL AND REMOVE')
  })
})
