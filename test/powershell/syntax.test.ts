import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { MODULE, runPowerShell } from './run-powershell.js'

/** What 5.1 does not parse or have, each of which must be found. */
const NEWER = {
  ternary: '$a ? 1 : 2',
  'null coalescing': '$a ?? 1',
  'assignment of it': '$a ??= 1',
  chain: 'Get-Item a && Get-Item b',
  'null conditional member': '${a}?.Length',
  'null conditional index': '${a}?[0]',
  background: 'Get-Item a &',
  parallel: '1..2 | ForEach-Object -Parallel { $_ }',
  variable: 'if ($IsWindows) { 1 }',
  parameter: 'ConvertFrom-Json x -Depth 4',
  command: 'Test-Json x',
  'binary number': '0b101',
  'clean block': 'function f { process { } clean { } }',
}

describeWithPeers(['powershell'], 'the syntax of the PowerShell module', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  async function beyond(files: string[]): Promise<string[]> {
    const run = await runPowerShell(['-NonInteractive', '-File', 'test/powershell/beyond-5-1.ps1', ...files])
    expect(run.stderr).to.equal('')
    return run.stdout.split('\n').filter((line) => line !== '')
  }

  it('is what Windows PowerShell 5.1 parses and has', async () => {
    const files = readdirSync(MODULE).filter((name) => /\.ps[dm]?1$/.test(name))
    expect(files).to.have.length(2)
    expect(await beyond(files.map((name) => path.join(MODULE, name)))).to.deep.equal([])
  })

  it('would be found not to be', async () => {
    const folder = temporary.folder()
    const files = Object.entries(NEWER).map(([name, text]) => {
      const file = path.join(folder, `${name}.ps1`)
      writeFileSync(file, `${text}\n`)
      return file
    })
    // One process for all: as many lines as files at least, and each file by itself where that is not so.
    const found = await beyond(files)
    for (const [name, text] of Object.entries(NEWER)) {
      const [word = text] = /\$IsWindows|-Depth|Test-Json|0b101|clean|-Parallel/.exec(text) ?? []
      const isFound = found.some((line) => line.includes(word.replace(/^-/, '')) || line.includes(text))
      const byToken = /QuestionQuestion|QuestionMark|QuestionDot|QuestionLBracket|AndAnd/.test(
        found.join(' '),
      )
      expect(isFound || byToken, name).to.equal(true)
    }
    expect(found.length).to.be.at.least(files.length)
  })

  it('is ASCII, which 5.1 reads whatever the language of Windows', () => {
    for (const name of readdirSync(MODULE, { recursive: true, encoding: 'utf8' }))
      if (/\.\w+$/.test(name))
        expect(readFileSync(path.join(MODULE, name), 'utf8'), name).to.match(/^[\x20-\x7e\r\n]*$/)
  })
})
