import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSamples, PROVIDER_INDEX, SAMPLE_INDEX } from './sample-images.js'

/** What a command line has to do, besides ending successfully. */
interface Expectation {
  /** Texts that must be printed. */
  prints?: string[]
  /** Texts that must not be. */
  omits?: string[]
  /** Files and folders that must be there afterwards. */
  makes?: string[]
  /** Files and folders that must not be. */
  leaves?: string[]
}

const NANO_WIM = './usb/NanoServer-10-0-14300-1010.wim'
const NANO_TAR = './usb/NanoServer-10-0-14300-1000.tar'
const CORE_WIM = './usb/WindowsServerCore-10-0-14300-1030.wim'
const NANO = 'CN=Microsoft_NanoServer_10.0.14300.1010'
const VOLUME = 'WindowsServerCore-10-0-14300-1030.vol2of3.tar'
const CORE = 'CN=Microsoft_WindowsServerCore_10.0.14300.1030'

/**
 * The main job without a network: three people on three machines, acted out in one folder. Every command is printed as
 * it would be typed, with its output; what it had to do is checked. It runs the one file: that starts in a quarter of
 * the time that its parts take under Wine, and it is what is carried.
 */
const program = fileURLToPath(new URL('../containerimage.mjs', import.meta.url))
const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-demo-'))
const env = environment()
let lines = 0

try {
  await makeSamples(path.join(folder, 'samples'))
  mkdirSync(path.join(folder, 'usb'))
  play()
  console.log(`\nThe demo passed: ${lines} command lines did what they were to do.`)
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A machine with nothing on it, whose network leads nowhere. */
function environment(): NodeJS.ProcessEnv {
  const nowhere = 'http://127.0.0.1:9'
  return {
    ...process.env,
    CONTAINERIMAGE_STORE: path.join(folder, 'store'),
    CONTAINERIMAGE_CONFIG_DIR: path.join(folder, 'settings'),
    ...{ HOME: folder, USERPROFILE: folder, XDG_DATA_HOME: folder, LOCALAPPDATA: folder },
    ...{ NO_PROXY: '', no_proxy: '' },
    ...{ HTTPS_PROXY: nowhere, https_proxy: nowhere, HTTP_PROXY: nowhere, http_proxy: nowhere },
  }
}

function play(): void {
  prepare()
  review()
  carryOnMedia()
  carryInVolumes()
  installFromTar()
  carryWhatIsMissing()
  installFromWim()
  layOut()
  uninstallBoth()
}

function prepare(): void {
  say(
    'The preparer, on a machine with a gallery of images, looks for base images and saves three onto a stick.',
  )
  run(`containerimage source add gallery ./samples/${SAMPLE_INDEX}`, { prints: ['Added the index gallery'] })
  run('Find-ContainerImage', {
    prints: [
      'NanoServer         10.0.14300.1010     gallery',
      'WindowsServerCore  10.0.14300.1030     gallery',
    ],
  })
  run('Find-ContainerImage -Name NanoServer', {
    prints: ['NanoServer  10.0.14300.1010   gallery'],
    omits: ['WindowsServerCore'],
  })
  run(`Find-ContainerImage -Name NanoServer -Source ./samples/${PROVIDER_INDEX}`, {
    prints: ['NanoServer  10.0.14300.1010'],
  })
  run('containerimage find NanoServer --all-versions --source ./samples', {
    prints: ['NanoServer  10.0.14300.1010', 'NanoServer  10.0.14300.1000'],
  })
  run('Save-ContainerImage -Name NanoServer -Path ./usb -WhatIf', {
    prints: ['What if: Performing the operation "Save Package"', path.basename(NANO_WIM)],
    leaves: [NANO_WIM],
  })
  run('Save-ContainerImage -Name NanoServer -Path ./usb', {
    prints: [`File ${NANO_WIM.split('/').join(path.sep)}`, 'reused 0 B'],
    makes: [NANO_WIM],
  })
  run('Save-ContainerImage -Name NanoServer -RequiredVersion 10.0.14300.1010 -Path ./usb -Force', {
    prints: ['Fetched 0 B'],
    makes: [NANO_WIM],
  })
  run('Save-ContainerImage -Name NanoServer -RequiredVersion 10.0.14300.1000 -Source ./samples -Path ./usb', {
    makes: [NANO_TAR],
  })
  run('containerimage save WindowsServerCore --path ./usb', { makes: [CORE_WIM] })
}

function review(): void {
  say('The reviewer reads what is on the stick before it may cross.')
  run('containerimage find --source ./usb --all-versions', {
    prints: ['NanoServer         10.0.14300.1010', 'NanoServer         10.0.14300.1000', '10.0.14300.1030'],
  })
  run(`containerimage inspect ${CORE_WIM}`, {
    prints: ['ServerDatacenterCore', 'UtilityVM', 'LZX'],
  })
  run(`containerimage verify ${NANO_WIM} ${CORE_WIM} ${NANO_TAR}`, { prints: ['all is well'] })
}

function carryOnMedia(): void {
  say('Several images share one media, with a page for the reviewer and the tool itself.')
  run('containerimage save NanoServer WindowsServerCore --format media --path ./media --with-tool --force', {
    prints: ['Media ./media: 2 images', 'index.html'].map((text) => text.split('/').join(path.sep)),
    makes: ['media/index.html', 'media/SHA256SUMS', 'media/containerimage.mjs'],
  })
  run('containerimage verify ./media', { prints: ['all is well'] })
  run('containerimage install WindowsServerCore --source ./media --store ./second', {
    prints: ['Installed WindowsServerCore 10.0.14300.1030'],
  })
}

function carryInVolumes(): void {
  say('What is too large for one stick is cut into volumes; recovery files make a lost one again.')
  run('containerimage save WindowsServerCore --path ./volumes --volume-size 2m --recovery 50% --force', {
    makes: [path.join('volumes', VOLUME), 'volumes/WindowsServerCore-10-0-14300-1030.par2'],
  })
  rmSync(path.join(folder, 'volumes', VOLUME))
  say(`${VOLUME} is lost on the way.`)
  run('containerimage install ./volumes --store ./third', {
    prints: ['Installed WindowsServerCore 10.0.14300.1030'],
    leaves: [path.join('volumes', VOLUME)],
  })
  run('containerimage verify ./volumes --repair', {
    prints: ['Repaired', VOLUME, 'all is well'],
    makes: [path.join('volumes', VOLUME)],
  })
}

function installFromTar(): void {
  say('The operator, on a host without a network, installs from the stick. The store is new.')
  run(`containerimage install ${NANO_TAR}`, { prints: ['Installed NanoServer 10.0.14300.1000'] })
  run('containerimage get', { prints: ['latest'], omits: ['10.0.14300.1010'] })
}

function carryWhatIsMissing(): void {
  say(
    'The operator sends back what a host has; the preparer carries both versions, less what is there already.',
  )
  run(`containerimage install ${NANO_TAR} --store ./plant-7`, { prints: ['Installed NanoServer'] })
  run('containerimage inventory --store ./plant-7 --path ./usb/plant-7.json', {
    makes: ['usb/plant-7.json'],
  })
  run(
    'containerimage save NanoServer --all-versions --source ./samples --base ./usb/plant-7.json --format media --path ./delta --store ./preparer --force',
    { prints: ['Delta against plant-7.json', 'left out'], makes: ['delta/delta.json'] },
  )
  run('containerimage install ./delta --store ./plant-7 --receipt ./delta --receipt-host plant-7', {
    prints: ['Installed NanoServer 10.0.14300.1010', 'Receipt in'],
  })
  run('containerimage media status ./delta', { prints: ['plant-7', 'delivered'], omits: ['not yet'] })
}

function installFromWim(): void {
  say('The newer version comes as a WIM, and latest moves to it.')
  run(`Install-ContainerOSImage -WimPath ${NANO_WIM} -WhatIf`, {
    prints: [
      `Package NanoServer version 10.0.14300.1010 from ${NANO_WIM}`,
      'latest would move from 10.0.14300.1000',
    ],
  })
  run(`Install-ContainerOSImage -WimPath ${NANO_WIM} -Force`, {
    prints: ['Installed NanoServer 10.0.14300.1010', NANO, 'nanoserver:latest moved from 10.0.14300.1000'],
  })
  run('Install-ContainerImage -Name NanoServer -WhatIf', {
    prints: ['Package NanoServer version 10.0.14300.1010 from gallery'],
  })
  run('Install-ContainerImage -Name NanoServer', { prints: ['was already there; nothing was copied'] })
  run('Get-ContainerImage', { prints: ['10.0.14300.1000', '10.0.14300.1010', 'latest'] })
  run('containerimage images', { prints: ['10.0.14300.1000', '10.0.14300.1010', 'latest'] })
  run('containerimage history nanoserver:latest', { prints: ['made of a WIM'] })
}

function layOut(): void {
  say('Another image comes with its utility VM, and is laid out as a folder too, as the original did.')
  const image = path.join('images', CORE)
  run(`Install-ContainerOSImage -WimPath ${CORE_WIM} --expand`, {
    prints: ['Laid out in'],
    makes: ['Files/Windows/System32/ntoskrnl.exe', 'Hives/System_Base', 'UtilityVM/Files', 'version.wcx'].map(
      (name) => path.join(image, name),
    ),
  })
  run('containerimage verify', { prints: ['all is well'] })
}

function uninstallBoth(): void {
  say('The newer version goes again, and latest moves back; the folder goes with its image.')
  run(`Uninstall-ContainerOSImage -FullName ${NANO} -WhatIf`, {
    prints: ['latest would become 10.0.14300.1000'],
  })
  run(`Uninstall-ContainerOSImage -FullName ${NANO}`, {
    prints: ['Uninstalled NanoServer 10.0.14300.1010', 'nanoserver:latest is now 10.0.14300.1000'],
  })
  run(`Uninstall-ContainerOSImage -FullName ${CORE} -Force`, {
    prints: ['Removed the folder'],
    leaves: [path.join('images', CORE)],
  })
  run('containerimage get', { omits: ['10.0.14300.1010', 'windowsservercore'] })
  const left = readdirSync(path.join(folder, 'store', 'blobs', 'sha256'))
  if (left.length !== 3) throw new Error(`the store has ${left.length} blobs, and not the 3 of one image`)
}

function say(text: string): void {
  console.log(`\n# ${text}`)
}

/** Runs a line, split as a shell would do it; these lines need no quoting. */
function run(line: string, expected: Expectation): void {
  console.log(`\n$ ${line}`)
  const [command = '', ...args] = line.split(' ')
  const own = command === 'containerimage' ? args : [command, ...args]
  const result = spawnSync(process.execPath, [program, ...own], { cwd: folder, env, encoding: 'utf8' })
  process.stdout.write(result.stdout)
  process.stdout.write(result.stderr)
  if (result.status !== 0) throw new Error(`${line} ended with ${result.status}`)
  check(line, result.stdout, expected)
  lines++
}

function check(line: string, printed: string, expected: Expectation): void {
  const { prints = [], omits = [], makes = [], leaves = [] } = expected
  const complaints = [
    ...prints.filter((text) => !printed.includes(text)).map((text) => `did not print ${text}`),
    ...omits.filter((text) => printed.includes(text)).map((text) => `printed ${text}`),
    ...makes.filter((name) => !isThere(name)).map((name) => `did not make ${name}`),
    ...leaves.filter(isThere).map((name) => `left ${name}`),
  ]
  if (complaints.length > 0) throw new Error(`${line} ${complaints.join('; ')}`)
}

function isThere(name: string): boolean {
  return existsSync(path.join(folder, name))
}
