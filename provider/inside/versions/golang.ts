import { compareSemver } from './semver.js'

/**
 * The order of Go's versions: semver with a `v`, `+incompatible` counts for nothing (go.dev/ref/mod, "Versions"). The
 * standard library has versions of its own, `go1.21rc2` (go.dev/doc/toolchain, "Go versions").
 */
export function compareGo(a: string, b: string): number {
  return compareSemver(withoutWords(a), withoutWords(b))
}

const RELEASE = /^(?:go)?(\d+)\.(\d+)(?:\.(\d+))?(?:(alpha|beta|rc)(\d+))?$/

function withoutWords(version: string): string {
  const [text = ''] = version.trim().split(/[ +]/)
  const [, major, minor, patch = '0', stage, number] = RELEASE.exec(text) ?? []
  if (major === undefined) return text
  return `${major}.${minor}.${patch}${stage === undefined ? '' : `-${stage}.${number}`}`
}
