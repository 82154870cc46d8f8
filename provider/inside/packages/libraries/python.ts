import { MB, type PackageFormat } from '../package-reader.js'
import { linesOf } from '../systems/deb822.js'

/**
 * Distributions of Python: the metadata of what is installed, and of the older eggs
 * (packaging.python.org/specifications/core-metadata, .../recording-installed-packages; setuptools' formats).
 */
export const python: PackageFormat = {
  id: 'python-1',
  largest: 8 * MB,
  wantsPath: (path) => METADATA.test(path),
  read(bytes, findings) {
    const fields = new Map<string, string>()
    const classifiers: string[] = []
    for (const line of linesOf(bytes.toString('utf8'))) {
      // Behind the first empty line is the description.
      if (line === '') break
      const [, name = '', value = ''] = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? []
      const key = name.toLowerCase()
      if (key === 'classifier' && value.startsWith('License ::')) classifiers.push(value)
      else if (name !== '' && !fields.has(key)) fields.set(key, value.trim())
    }
    findings.package({
      kind: 'pypi',
      name: fields.get('name'),
      version: fields.get('version'),
      licence: licenceOf(fields, classifiers),
    })
  },
}

const METADATA = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$|(?:^|\/)EGG-INFO\/PKG-INFO$/

/** The expression of core metadata 2.4, else the older field, else the classifiers. */
function licenceOf(fields: Map<string, string>, classifiers: string[]): string | undefined {
  const said = [fields.get('license-expression'), fields.get('license')].find(
    (text) => text !== undefined && text !== '' && text !== 'UNKNOWN',
  )
  if (said !== undefined) return said
  const names = classifiers.slice(0, 20).map((classifier) => classifier.split('::').at(-1)?.trim() ?? '')
  return names.length > 0 ? names.join(', ') : undefined
}
