/*
 * How packages are looked up: by an ecosystem of the OSV schema ("Defined ecosystems") with its release, and
 * a name. Publishers spell a few of them in several ways; here each has one spelling.
 */

/** The part of an ecosystem before its release: `Debian` of `Debian:12`. */
export function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':')
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon)
}

/**
 * One spelling for each ecosystem. Ubuntu's long-term releases are marked as such, and the packages of its
 * paid support are separate (`Ubuntu:Pro:22.04:LTS`). Red Hat's releases are CPEs: only those of Enterprise
 * Linux itself are its release.
 */
export function ecosystemKey(ecosystem: string): string {
  const text = ecosystem.trim()
  if (text.startsWith('Ubuntu:'))
    return text.replace(/:LTS(?=:|$)/, '').replace(/^(Ubuntu:Pro:[\d.]+):.*$/, '$1')
  const [, major] = /^Red Hat:enterprise_linux:(\d+)(?:\.\d+)?(?:::.*)?$/.exec(text) ?? []
  if (major !== undefined) return `Red Hat:${major}`
  return text
}

/** One spelling for each package, in ecosystems that accept several for the same. */
export function packageKey(ecosystem: string, name: string): string {
  switch (familyOf(ecosystem)) {
    case 'PyPI':
      // PEP 503, "Normalized Names".
      return name.toLowerCase().replace(/[-_.]+/g, '-')
    case 'NuGet':
    case 'Packagist':
      return name.toLowerCase()
    default:
      return name
  }
}
