import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { CHECKED_FILE } from '../../../provider/store/checked-file.js'

/** What lies below a folder: each path with its kind, its permissions and a digest of its content. */
export type Tree = Map<string, string>

/** Larger files hold no paths and no times. */
const TEXT_BYTES = 1 << 16

/** Reads a tree. What differs between two runs that went well, such as times, is left out of the digests. */
export function readTree(root: string): Tree {
  const tree: Tree = new Map()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name)
      // An index that lists nothing says as much as none.
      if (entry.name === 'index.json' && /"manifests":\s*\[\]/.test(readFileSync(place, 'utf8'))) continue
      // Marks of files, by which a store spares itself some hashing; without them it hashes more.
      if (entry.name === CHECKED_FILE) continue
      // What registries said, by which a run spares itself requests: nothing in it is trusted.
      if (entry.name === 'documents' && path.basename(folder) === 'containerimage') continue
      // podman asks rpm of which package it is, and Debian's rpm makes a database in the user's home for that.
      if (entry.name === '.rpmdb') continue
      tree.set(path.relative(root, place), stateOf(place, root))
      if (entry.isDirectory()) walk(place)
    }
  }
  walk(root)
  return tree
}

function stateOf(place: string, root: string): string {
  const stats = lstatSync(place)
  const mode = (stats.mode & 0o777).toString(8)
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(place)}`
  if (stats.isDirectory()) return `folder ${mode}`
  return `file ${mode} ${digestOf(place, root, stats.size)}`
}

function digestOf(file: string, root: string, size: number): string {
  const bytes = readFileSync(file)
  const isBlob = /^[0-9a-f]{64}$/.test(path.basename(file))
  const known = size > TEXT_BYTES || isBlob ? bytes : withoutChance(bytes.toString('latin1'), file, root)
  return createHash('sha256').update(known).digest('hex').slice(0, 16)
}

/** Times, random names and the workspace's own path, as they stand in documents, and sums of such documents. */
function withoutChance(text: string, file: string, root: string): string {
  const known = text
    .replaceAll(root, '<root>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replace(/^(untrusted comment: minisign [a-z ]+ key)[\s\S]*\n$/, '$1')
  return HAVE_SUMS.includes(path.basename(file)) ? known.replace(/[0-9a-f]{64}/g, '<sum>') : known
}

const HAVE_SUMS = ['SHA256SUMS', 'media.json', 'index.html']
