import { MB, type PackageFormat } from '../package-reader.js'
import { linesOf } from './deb822.js'

/**
 * The packages of Arch: a folder with a file `desc` each, of `%FIELD%` and the lines of its value (pacman's
 * lib/libalpm/be_local.c).
 */
export const pacman: PackageFormat = {
  id: 'pacman-1',
  largest: 4 * MB,
  wantsPath: (path) => /^var\/lib\/pacman\/local\/[^/]+\/desc$/.test(path),
  read(bytes, findings) {
    const fields = new Map<string, string[]>()
    let name: string | undefined
    for (const line of linesOf(bytes.toString('utf8'))) {
      const [, heading] = /^%([A-Z0-9]+)%$/.exec(line) ?? []
      if (heading !== undefined) name = FIELDS.has(heading) ? heading : undefined
      else if (line !== '' && name !== undefined)
        fields.set(name, [...(fields.get(name) ?? []).slice(0, 50), line])
    }
    const version = fields.get('VERSION')?.[0]
    const base = fields.get('BASE')?.[0]
    findings.package({
      kind: 'alpm',
      name: fields.get('NAME')?.[0],
      version,
      source: base === undefined ? undefined : { name: base, version },
      architecture: fields.get('ARCH')?.[0],
      licence: fields.get('LICENSE')?.join(', '),
    })
  },
}

const FIELDS = new Set(['NAME', 'VERSION', 'BASE', 'ARCH', 'LICENSE'])
