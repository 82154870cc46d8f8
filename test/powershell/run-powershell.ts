import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { makeSamples } from '../../scripts/sample-images.js'
import { peer } from '../peers/peers.js'

/** The module as the build makes it, beside the one file. */
export const MODULE = path.resolve('dist/ContainerImage')

export interface PowerShellRun {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs PowerShell as a user's console does, without their profile. */
export async function runPowerShell(
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<PowerShellRun> {
  const program = peer('powershell') ?? 'pwsh'
  const child = spawn(program, ['-NoProfile', '-NoLogo', ...args], {
    cwd: options.cwd,
    env: { ...(options.env ?? process.env), NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1' },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(options.input ?? '')
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { status, stdout, stderr }
}

/** A folder with the samples in it, and an environment whose store, settings and database are there as well. */
export async function playground(folder: string): Promise<NodeJS.ProcessEnv> {
  mkdirSync(folder, { recursive: true })
  if (!existsSync(path.join(folder, 'samples'))) await makeSamples(path.join(folder, 'samples'))
  return {
    ...process.env,
    CONTAINERIMAGE_CONFIG_DIR: path.join(folder, 'config'),
    CONTAINERIMAGE_STORE: path.join(folder, 'store'),
    CONTAINERIMAGE_DATABASE: path.join(folder, 'advisories.db'),
    TEST_MODULE: MODULE,
    TEST_FOLDER: folder,
  }
}
