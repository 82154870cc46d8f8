import { chmod, lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, show } from '../../../manifests/index.js'
import { unsafe } from '../../archives/members/member-names.js'
import type { Member } from '../../archives/members/members.js'
import { complaint } from './complaint.js'
import { NO_PASSWORD, type RunOptions, runSevenZip } from './run.js'

/**
 * Unpacks some files of a 7z into a folder that is made for them, and checks what came out: the files that were listed,
 * with their sizes, and nothing else. 7-Zip's own report is not enough.
 * @throws ARCHIVE_INVALID, which names the member; UNSAFE_NAME, INTERRUPTED
 */
export async function unpack(
  archive: string,
  label: string,
  wanted: Member[],
  folder: string,
  options: RunOptions,
): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  const list = `${folder}.list`
  await writeFile(list, `${wanted.map(({ name }) => name).join('\n')}\n`, { flag: 'wx' })
  const done = await runSevenZip(
    (seven, with7z) =>
      seven.extractFull(archive, folder, with7z({ $raw: [`-i@${list}`, '-snl-', NO_PASSWORD] })),
    options,
  )
  if (done.exit !== 0 || /^ERROR/m.test(done.errors)) throw complaint(label, done)
  const expected = new Map(wanted.map((member) => [member.name, member]))
  await checkFolder(folder, '', expected, label)
  const [lacking] = expected.keys()
  if (lacking !== undefined) throw notAsListed(label, lacking, 'a file', 'nothing')
}

/** Removes from the list whatever is there. Links are not followed, and modes are set by us. */
async function checkFolder(
  folder: string,
  prefix: string,
  expected: Map<string, Member>,
  label: string,
): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder)) {
    const name = prefix + entry
    const file = path.join(folder, entry)
    const stats = await lstat(file)
    if (stats.isDirectory()) {
      const known = expected.get(name)
      if (known?.size === 0) expected.delete(name)
      await checkFolder(file, `${name}/`, expected, label)
      continue
    }
    const member = expected.get(name)
    if (!stats.isFile() || stats.nlink > 1) throw unsafe(name, label, 'a link or device')
    if (!member) throw unsafe(name, label, 'a file that it does not list')
    if (stats.size !== member.size)
      throw notAsListed(label, name, `${member.size} bytes`, `${stats.size} bytes`)
    await chmod(file, 0o600)
    expected.delete(name)
  }
}

function notAsListed(label: string, name: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${label} holds ${show(name)} damaged.`, {
    side: 'source',
    expected,
    found,
  })
}
