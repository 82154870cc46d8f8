import { MB, type PackageFormat } from '../package-reader.js'
import { linesOf } from './deb822.js'

/**
 * The packages of Alpine: apk's database, a letter and a value on each line, packages separated by empty
 * lines (apk-package(5); wiki.alpinelinux.org/wiki/Apk_spec). Version 3 of apk keeps the format, and may have
 * it below usr.
 */
export const apk: PackageFormat = {
  id: 'apk-1',
  largest: 64 * MB,
  wantsPath: (path) => path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed',
  read(bytes, findings) {
    let fields = new Map<string, string>()
    const finish = (): void => {
      const version = fields.get('V')
      const origin = fields.get('o')
      findings.package({
        kind: 'apk',
        name: fields.get('P'),
        version,
        source: origin === undefined ? undefined : { name: origin, version },
        architecture: fields.get('A'),
        licence: fields.get('L'),
      })
      fields = new Map()
    }
    for (const line of linesOf(bytes.toString('utf8'))) {
      if (line === '') finish()
      // The files of a package are in its paragraph as well, under the letters F, R, M, a and Z.
      else if (line[1] === ':' && FIELDS.has(line[0] ?? '')) fields.set(line[0] ?? '', line.slice(2))
    }
    finish()
  },
}

const FIELDS = new Set(['P', 'V', 'A', 'L', 'o'])
