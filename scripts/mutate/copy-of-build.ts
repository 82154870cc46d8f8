import { cpSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * The build that people work with stays as it is, even if a run is killed.
 * @returns a folder with `dist` to change
 */
export function copyOfTheBuild(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-mutate-'))
  cpSync('dist', path.join(folder, 'dist'), { recursive: true })
  for (const name of readdirSync('.'))
    if (name !== 'dist') symlinkSync(path.resolve(name), path.join(folder, name))
  return folder
}
