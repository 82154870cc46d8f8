import { spawnSync } from 'node:child_process'
import { onPath } from '../../test/peers/peers.js'

/** A program that is run alongside ours. */
export interface NeededProgram {
  name: string
  /** The arguments that make it print its version. */
  version: string[]
  /** Its Debian package, if that has another name. */
  package?: string
}

export function missingOf(programs: readonly NeededProgram[]): NeededProgram[] {
  return programs.filter(({ name }) => onPath(name) === undefined)
}

/** `7zz (Debian: 7zip)`. */
export function withPackage({ name, package: packaged = name }: NeededProgram): string {
  return packaged === name ? name : `${name} (Debian: ${packaged})`
}

/** The first line of what a program prints about itself. */
export function versionOf({ name, version }: NeededProgram): string {
  const { stdout, stderr } = spawnSync(onPath(name) ?? name, version, { encoding: 'utf8' })
  return `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n')[0] ?? ''
}
