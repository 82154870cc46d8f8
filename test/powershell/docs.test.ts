import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { FORMS } from '../../scripts/powershell/forms.js'
import { tar } from '../fixtures/tar.js'
import { describeWithPeers } from '../peers/peers.js'
import { from, record } from '../provider/inside/database/made-database.js'
import { zipOf } from '../provider/inside/database/made-files.js'
import { scratch } from '../scratch.js'
import { MODULE, playground, runPowerShell } from './run-powershell.js'

interface Ran {
  Line: string
  Text: string
  Error: string
}

/** Lines that need what a test has not: a registry of that name, an engine with the right to load, publishers. They are parsed only. */
const NEEDS_MORE = /registry\.example\.org|ContainerEngineImage|-Engine |Update-ContainerImageDatabase/

/** A command in a document, and what the document says that it prints. */
interface Shown {
  line: string
  output: string
}

describeWithPeers(['powershell'], 'PowerShell in the documents', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  /** Runs lines where a stick is E:, with the module, the samples and a media on it. */
  async function ran(lines: string[]): Promise<{ results: Ran[]; stick: string }> {
    const folder = temporary.folder()
    const env = await playground(folder)
    const stick = path.join(folder, 'stick')
    mkdirSync(stick)
    cpSync(MODULE, path.join(stick, 'ContainerImage'), { recursive: true })
    cpSync('dist/containerimage.mjs', path.join(stick, 'containerimage.mjs'))
    cpSync(path.join(folder, 'samples'), path.join(stick, 'samples'), { recursive: true })
    writeFileSync(
      path.join(folder, 'images.csv'),
      'Name,Version,Source\nNanoServer,10.0.14300.1000,samples\nWindowsServerCore,,samples\n',
    )
    writeFileSync(path.join(stick, 'plant-7.txt'), '# What plant 7 needs\nNanoServer\n')
    mkdirSync(path.join(stick, 'root/etc'), { recursive: true })
    writeFileSync(path.join(stick, 'root/etc/os-release'), 'ID=site\nVERSION_ID=1\n')
    writeFileSync(
      path.join(stick, 'root.tar'),
      tar({ name: 'etc/os-release', bytes: 'ID=site\nVERSION_ID=1\n' }),
    )
    const advisory = record('CVE-2026-1001', 'npm', 'left', { ranges: [from('0')] })
    writeFileSync(path.join(stick, 'all.zip'), zipOf({ 'CVE-2026-1001.json': advisory }))
    const [given, results] = [path.join(folder, 'lines.json'), path.join(folder, 'results.json')]
    writeFileSync(given, JSON.stringify(lines))
    const run = await runPowerShell(
      ['-NonInteractive', '-File', path.resolve('test/powershell/run-lines.ps1'), given, results],
      { cwd: folder, env: { ...env, TEST_STICK: stick } },
    )
    expect(run.status, run.stderr).to.equal(0)
    return { results: JSON.parse(readFileSync(results, 'utf8')), stick }
  }

  for (const file of ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]) {
    const shown = file.endsWith('.md') ? commandsIn(readFileSync(file, 'utf8')) : []
    if (shown.length === 0) continue
    it(`runs as ${file} says`, async () => {
      const { results, stick } = await ran(shown.map(({ line }) => line))
      for (const [at, { line, output }] of shown.entries()) {
        const result = results[at]
        if (NEEDS_MORE.test(line)) continue
        if (!line.includes('-ErrorAction SilentlyContinue')) expect(result?.Error, line).to.equal('')
        if (output !== '') expect(onStick(result?.Text ?? '', stick), line).to.equal(output)
      }
    })
  }

  it('runs as the examples of the help say', async () => {
    const prepared = [
      'Import-Module E:\\ContainerImage',
      // No registry is asked, whether or not this machine has a network.
      'Set-ContainerImageSetting mirrors.* http://127.0.0.1:9 -NoUpstream',
      'Register-ContainerImageSource samples E:\\samples',
      'Add-ContainerImageDatabase E:\\all.zip',
      'Save-ContainerImage NanoServer, WindowsServerCore -Format media -Path E:\\media\\ -WithDatabase -Force',
      'Save-ContainerImage NanoServer -Format media -Path E:\\signed\\ -Force',
      'Install-ContainerImage E:\\samples\\NanoServer-10-0-14300-1010.wim',
      'Copy-Item E:\\samples\\*.wim E:\\',
      'Install-ContainerImage E:\\media -Receipt E:\\media',
    ]
    const examples = Object.values(FORMS).flatMap((form) => form.examples.map(([line]) => line))
    const { results } = await ran([...prepared, ...examples])
    const failed: string[] = []
    for (const { Line: line, Error: error } of results) {
      // Of what the built-in catalog offers too, only the registry has the bytes; some is uninstalled by an earlier line.
      const isElsewhere =
        /NETWORK_UNREACHABLE|MIRROR_ONLY/.test(error) && line.includes('Find-ContainerImage')
      const isGone = error.includes('NOT_INSTALLED')
      if (NEEDS_MORE.test(line) || isElsewhere || isGone) continue
      if (error !== '') failed.push(`${line}: ${error}`)
    }
    expect(failed).to.deep.equal([])
  })
})

/** A command after `PS> `, and the lines up to the next one or to the end of its block. */
function commandsIn(text: string): Shown[] {
  const shown: Shown[] = []
  for (const [, block = ''] of text.matchAll(/^```powershell\n(.*?)^```/gms))
    for (const part of block.split(/^(?=PS> )/m).filter((one) => one.startsWith('PS> '))) {
      const [first = '', ...lines] = part.split('\n')
      shown.push({ line: first.slice('PS> '.length), output: trimmed(lines.join('\n')) })
    }
  return shown
}

/** As it would be on Windows, with a stick that is E:. */
function onStick(text: string, stick: string): string {
  const places = text.replaceAll(`${stick}${path.sep}`, 'E:\\').replaceAll(stick, 'E:')
  return trimmed(places.replace(/E:\\\S*/g, (place) => place.replaceAll('/', '\\')))
}

function trimmed(text: string): string {
  return text
    .replaceAll('\r', '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
}
