import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSamples } from './sample-images.js'

/**
 * The main job without a network: three people, three machines, played in one folder. Every command is
 * printed as it would be typed, with what it printed.
 */
const program = fileURLToPath(new URL('../cli/containerimage.js', import.meta.url))
const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-demo-'))
const env = {
  ...process.env,
  CONTAINERIMAGE_STORE: path.join(folder, 'store'),
  CONTAINERIMAGE_CONFIG_DIR: path.join(folder, 'settings'),
}

try {
  makeSamples(path.join(folder, 'samples'))
  mkdirSync(path.join(folder, 'usb'))
  play()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function play(): void {
  say('The preparer, on a machine with a source of images, looks for base images and saves two onto a stick.')
  run('containerimage source add samples ./samples')
  run('Find-ContainerImage -Source samples')
  run('containerimage find NanoServer --all-versions --source samples')
  run('Save-ContainerImage -Name NanoServer -RequiredVersion 10.0.14300.1000 -Path ./usb')
  run('containerimage save NanoServer WindowsServerCore --source samples --path ./usb')

  say('The reviewer reads what is on the stick before it may cross.')
  run('containerimage find --source ./usb --all-versions')
  run('containerimage verify ./usb/NanoServer-10-0-14300-1000.tar ./usb/NanoServer-10-0-14300-1010.tar')

  say('The operator, on a host without a network, installs from the stick. The store is new.')
  run('containerimage install ./usb/NanoServer-10-0-14300-1000.tar')
  run('containerimage get')

  say('The newer version comes, and latest moves to it.')
  run('containerimage install ./usb/NanoServer-10-0-14300-1010.tar --what-if')
  run(
    'containerimage install ./usb/NanoServer-10-0-14300-1010.tar ./usb/WindowsServerCore-10-0-14300-1030.tar',
  )
  run('containerimage get')
  run('containerimage history nanoserver:latest')
  run('containerimage verify')

  say('The newer version goes again, and latest moves back.')
  run('Uninstall-ContainerOSImage -FullName CN=Microsoft_NanoServer_10.0.14300.1010')
  run('containerimage get')
}

function say(text: string): void {
  console.log(`\n# ${text}`)
}

/** Runs a line as a shell would split it; there is nothing to quote in these. */
function run(line: string): void {
  console.log(`\n$ ${line}`)
  const [command = '', ...args] = line.split(' ')
  const own = command === 'containerimage' ? args : [command, ...args]
  const result = spawnSync(process.execPath, [program, ...own], { cwd: folder, env, encoding: 'utf8' })
  process.stdout.write(result.stdout)
  process.stdout.write(result.stderr)
  if (result.status === 0) return
  console.error(`The demo stops: the command ended with ${result.status}.`)
  process.exitCode = 1
  throw new Error(line)
}
