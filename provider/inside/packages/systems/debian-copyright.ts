import { MB, type PackageFormat } from '../package-reader.js'
import { linesOf, paragraphs } from './deb822.js'

/**
 * The licences of a Debian package, if its copyright file is machine-readable
 * (debian.org/doc/packaging-manuals/copyright-format/1.0).
 */
export const debianCopyright: PackageFormat = {
  id: 'debian-copyright-1',
  largest: 4 * MB,
  wantsPath: (path) => COPYRIGHT.test(path),
  read(bytes, findings, path) {
    const name = COPYRIGHT.exec(path)?.[1]
    const text = bytes.toString('utf8')
    if (name === undefined || !isForMachines(text)) return
    const licences = new Set<string>()
    for (const paragraph of paragraphs(text, FIELDS)) {
      // The paragraphs without Files hold the texts of the licences that the others name.
      const [short = ''] = (paragraph.get('license') ?? '').split('\n')
      if ((paragraph.has('files') || paragraph.has('format')) && short !== '') licences.add(short.trim())
    }
    if (licences.size > 0)
      findings.add({ licence: { package: name, licence: [...licences].sort().join(', ').slice(0, 2000) } })
  },
}

const COPYRIGHT = /^usr\/share\/doc\/([^/]+)\/copyright$/
const FIELDS = new Set(['format', 'files', 'license'])

/** The first field is Format, with the address of the specification, of which there were several. */
function isForMachines(text: string): boolean {
  for (const line of linesOf(text))
    if (line.trim() !== '')
      return /^Format(-Specification)?:\s*\S*copyright-format|^Format(-Specification)?:\s*\S*dep5?/i.test(
        line,
      )
  return false
}
