import { KB, type PackageFormat } from '../package-reader.js'
import type { Distribution } from '../software-package.js'
import { linesOf } from './deb822.js'

/**
 * Which distribution it is: os-release(5). The file in etc comes first, and is usually a link to the other
 * one.
 */
export const osRelease: PackageFormat = {
  id: 'os-release-1',
  largest: 64 * KB,
  wantsPath: (path) => path === 'etc/os-release' || path === 'usr/lib/os-release',
  read(bytes, findings) {
    const fields = new Map<string, string>()
    for (const line of linesOf(bytes.toString('utf8'))) {
      const [, name, value = ''] = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
      if (name !== undefined) fields.set(name, unquoted(value.trim()).slice(0, 256))
    }
    // Without ID it is "linux", as the manual has it.
    if (fields.size > 0) findings.distribution(distributionOf(fields))
  },
}

function distributionOf(fields: Map<string, string>): Distribution {
  const filled = (name: string): string | undefined => fields.get(name) || undefined
  const version = filled('VERSION_ID')
  const codename = filled('VERSION_CODENAME')
  const prettyName = filled('PRETTY_NAME')
  const like = filled('ID_LIKE')?.split(/\s+/)
  return {
    id: (filled('ID') ?? 'linux').toLowerCase(),
    ...(version === undefined ? {} : { version }),
    ...(codename === undefined ? {} : { codename }),
    ...(prettyName === undefined ? {} : { prettyName }),
    ...(like ? { like } : {}),
  }
}

/** Values are quoted as in a shell, with a backslash before `"`, `$`, a backtick and itself. */
function unquoted(value: string): string {
  const quote = value[0]
  if ((quote !== '"' && quote !== "'") || value.length < 2 || value.at(-1) !== quote) return value
  const inner = value.slice(1, -1)
  return quote === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner
}
