import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { runPeer } from '../../../peers/peers.js'

/** What a folder holds, a line for each entry: everything that an image can say of it, in the order of the bytes of its names. */
export function listing(root: string): string[] {
  const lines: string[] = []
  const first = new Map<bigint, string>()
  const visit = (folder: Buffer): void => {
    for (const name of readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare)) {
      const place = Buffer.concat([folder, Buffer.from('/'), name])
      const stats = lstatSync(place, { bigint: true })
      const shown = place.subarray(root.length).toString('latin1')
      const kind = (stats.mode & 0o170000n).toString(8)
      const owner = `${(stats.mode & 0o7777n).toString(8)} ${stats.uid}:${stats.gid} ${stats.mtimeMs / 1000n}`
      const same = first.get(stats.ino)
      const more = stats.isSymbolicLink()
        ? readlinkSync(place, { encoding: 'latin1' })
        : stats.isFile()
          ? same === undefined
            ? readFileSync(place).toString('base64').slice(0, 80)
            : `same as ${same}`
          : String(stats.rdev)
      if (!stats.isDirectory() && same === undefined) first.set(stats.ino, shown)
      lines.push(`${shown} ${kind} ${owner} ${more}`)
      if (stats.isDirectory()) visit(place)
    }
  }
  visit(Buffer.from(root))
  return lines
}

/** The extended attributes of all that is in a folder, as getfattr dumps them. */
export function attributes(root: string): string {
  return runPeer('getfattr', ['-R', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', root])
    .replaceAll(root, '')
    .split('\n\n')
    .sort()
    .join('\n\n')
}
