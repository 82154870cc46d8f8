import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save, verify } from '../../provider/index.js'
import { describeWithPeers } from '../peers/peers.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { playground, runPowerShell } from './run-powershell.js'

/** The walk-through of a host without a network, from a stick alone; what it finds is checked below. */
const WALK = `
$ErrorActionPreference = 'Stop'
New-PSDrive -Name E -PSProvider FileSystem -Root $env:TEST_STICK | Out-Null
Import-Module E:\\ContainerImage
$found = @(Find-ContainerImage -Source E:\\)
$check = Test-ContainerImage E:\\
$installed = @(Find-ContainerImage NanoServer -Source E:\\ | Install-ContainerImage)
$there = @(Get-ContainerImage)
$removed = @(Get-ContainerImage | Where-Object Size -gt 1MB | Uninstall-ContainerImage)
$left = @(Get-ContainerImage)
$node = & (Get-Module ContainerImage) { Get-NodePath }
Remove-Module ContainerImage
[pscustomobject]@{
  path = $env:PATH; found = $found.Name; ok = $check.Ok; installed = $installed.FullName
  tags = $there.Tag; size = $there[0].Size; removed = $removed.FullName; left = $left.Count
  node = $node; isRemoved = -not (Test-Path $node)
} | ConvertTo-Json`

describeWithPeers(['powershell'], 'the PowerShell module on a stick', () => {
  const temporary = scratch()
  let folder: string
  let stick: string
  let env: NodeJS.ProcessEnv

  before(async () => {
    folder = temporary.folder()
    env = await playground(folder)
    stick = path.join(folder, 'stick')
    mkdirSync(stick)
    await save({
      names: ['NanoServer', 'WindowsServerCore'],
      source: path.join(folder, 'samples'),
      path: stick,
      format: 'media',
      withNode: [nodeArchive(folder)],
      store: path.join(folder, 'preparer'),
    })
  })
  after(() => temporary.remove())

  /** As nodejs.org packs it, of the Node that runs this test. */
  function nodeArchive(where: string): string {
    const system = process.platform === 'win32' ? 'win' : process.platform
    const name = `node-${process.version}-${system}-${process.arch}`
    mkdirSync(path.join(where, name, 'bin'), { recursive: true })
    cpSync(process.execPath, path.join(where, name, 'bin', 'node'), { dereference: true })
    const archive = path.join(where, `${name}.tar.gz`)
    execFileSync('tar', ['-I', 'gzip -1', '-cf', archive, '-C', where, name])
    rmSync(path.join(where, name), { recursive: true })
    return archive
  }

  it('does the whole walk-through with the carried Node and an empty PATH, and leaves nothing behind', async () => {
    const before = filesIn(stick)
    const run = await runPowerShell(['-NonInteractive', '-Command', WALK], {
      cwd: folder,
      env: { ...env, PATH: '', TEST_STICK: stick },
    })
    expect(run.stderr).to.equal('')
    const seen = JSON.parse(run.stdout)
    expect(seen).to.deep.include({
      path: null,
      ok: true,
      installed: 'CN=Microsoft_NanoServer_10.0.14300.1010',
      tags: ['10.0.14300.1010', 'latest'],
      removed: 'CN=Microsoft_NanoServer_10.0.14300.1010',
      left: 0,
      isRemoved: true,
    })
    expect(seen.found).to.deep.equal(['NanoServer', 'WindowsServerCore'])
    expect(seen.size).to.be.greaterThan(3_000_000)
    expect(seen.node).to.contain('containerimage-node-')
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('is listed, so that verify finds a change of it', async () => {
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    const list = Object.keys(filesIn(stick)).filter((name) => name.startsWith('ContainerImage'))
    expect(list).to.include.members(
      ['ContainerImage.psd1', 'ContainerImage.psm1', 'carried-node.json'].map((name) =>
        path.join('ContainerImage', name),
      ),
    )
  })
})
