import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { MODULE, playground, runPowerShell } from './run-powershell.js'

describeWithPeers(['powershell'], 'the PowerShell console', () => {
  const temporary = scratch()
  let folder: string
  let env: NodeJS.ProcessEnv

  before(async () => {
    folder = temporary.folder()
    env = await playground(folder)
  })
  after(() => temporary.remove())

  const INSTALL = `Import-Module '${MODULE}'; Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim -Confirm; @(Get-ContainerImage).Count`

  it('asks with -Confirm, names what would be installed, and takes no for an answer', async () => {
    const run = await runPowerShell(['-Command', INSTALL], { cwd: folder, env, input: 'n\n' })
    expect(run.stdout).to.contain(
      'Performing the operation "Install Package" on target "Package NanoServer version 10.0.14300.1010',
    )
    expect(run.stdout.trim()).to.match(/\b0$/)
  })

  it('installs after a yes', async () => {
    const run = await runPowerShell(['-Command', INSTALL], { cwd: folder, env, input: 'y\n' })
    expect(run.stdout.trim()).to.match(/\b2$/)
  })

  it('completes the command line of the program with the script of `completion powershell`', async () => {
    const bin = path.join(folder, 'bin')
    mkdirSync(bin)
    const program = path.join(bin, 'containerimage')
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' '${path.resolve('dist/containerimage.mjs')}' "$@"\n`,
    )
    chmodSync(program, 0o755)
    const script = `
containerimage completion powershell | Out-String | Invoke-Expression
foreach ($line in 'containerimage fin', 'containerimage find --all-v', 'containerimage save x -For', 'containerimage save x --format z') {
  (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.CompletionText -join ' '
}`
    const run = await runPowerShell(['-NonInteractive', '-Command', script], {
      cwd: folder,
      env: { ...env, PATH: `${bin}${path.delimiter}${env.PATH}` },
    })
    expect(run.stdout.trim().split('\n')).to.deep.equal(['find', '--all-versions', '-Format -Force', 'zip'])
  })
})
