import { MB, type PackageFormat } from '../package-reader.js'

/** Gems, by the specification that each leaves when it is installed (guides.rubygems.org/specification-reference). */
export const ruby: PackageFormat = {
  id: 'ruby-1',
  largest: 2 * MB,
  wantsPath: (path) => /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/.test(path),
  read(bytes, findings) {
    // RubyGems writes it, one assignment a line: `s.name = "rake".freeze`.
    const text = bytes.toString('utf8')
    const assigned = (name: string): string | undefined =>
      new RegExp(`^\\s*\\w+\\.${name}\\s*=\\s*(.*)$`, 'm').exec(text)?.[1]
    const licences = textsIn(assigned('licenses?'))
    findings.package({
      kind: 'gem',
      name: textsIn(assigned('name'))[0],
      version: textsIn(assigned('version'))[0],
      licence: licences.length > 0 ? licences.join(', ') : undefined,
    })
  },
}

function textsIn(value: string | undefined): string[] {
  return [...(value ?? '').slice(0, 1000).matchAll(/"([^"]*)"|'([^']*)'/g)].map(
    ([, one, other]) => one ?? other ?? '',
  )
}
