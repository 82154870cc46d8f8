import { ContainerImageError, printable, show } from '../../../manifests/index.js'
import type { RunResult } from './run.js'

/** What 7-Zip says about an archive, in our words; if it names a member, so do we. */
export function complaint(archive: string, { exit, errors }: RunResult): ContainerImageError {
  const facts = { side: 'source' as const, expected: 'an archive that 7-Zip reads without a word' }
  if (/wrong password|encrypted archive/i.test(errors))
    return new ContainerImageError('ARCHIVE_INVALID', `${archive} is encrypted.`, {
      ...facts,
      expected: 'an archive that can be read',
      found: 'one behind a password',
      remedy: 'Unpack it with 7-Zip and give the folder.',
    })
  const [, what = '', named] = /^ERROR: (.*?)(?: : (.*))?$/m.exec(errors) ?? []
  // On Windows it shows names with the system's own separators.
  const member = process.platform === 'win32' ? named?.replaceAll('\\', '/') : named
  if (member)
    return new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(member)} damaged.`, {
      ...facts,
      found: printable(what),
    })
  const said = errors.split('\n').map((line) => line.trim())
  const found = said.filter((line) => line !== '' && line !== 'ERRORS:' && !line.includes(archive))
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} is damaged or cut short.`, {
    ...facts,
    found:
      printable(found.slice(0, 3).join('; ')) ||
      (exit === undefined ? '7-Zip was ended' : `exit code ${exit}`),
  })
}
