import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Code that is mutated, and the tests that ought to notice: files of dist, or folders of them. */
export interface Area {
  name: string
  sources: string[]
  tests: string[]
}

/** Each has its mirrored tests and, if those are few, the tests of the code that uses it most directly. */
export const AREAS: readonly Area[] = [
  {
    name: 'the store',
    sources: ['dist/provider/store'],
    tests: [
      'dist/test/provider/store',
      'dist/test/provider/verbs/install',
      'dist/test/provider/verbs/uninstall',
      'dist/test/provider/verbs/prune',
      'dist/test/provider/verbs/interrupted.test.js',
    ],
  },
  {
    name: 'the copy',
    sources: ['dist/provider/copy'],
    tests: [
      'dist/test/provider/copy',
      'dist/test/provider/verbs/verify',
      'dist/test/provider/backends.test.js',
    ],
  },
  {
    name: 'names',
    sources: ['dist/provider/names'],
    tests: ['dist/test/provider/names', 'dist/test/provider/verbs/uninstall'],
  },
  {
    name: "the registry's redirects",
    sources: ['dist/provider/registry/redirects.js'],
    tests: ['dist/test/provider/registry/sent-on.test.js', 'dist/test/provider/registry/redirects.test.js'],
  },
  {
    name: "the registry's credentials",
    sources: [
      'dist/provider/registry/credentials.js',
      'dist/provider/registry/credential-helper.js',
      'dist/provider/registry/basic-header.js',
      'dist/provider/registry/sent-secrets.js',
    ],
    tests: [
      'dist/test/provider/registry/credentials.test.js',
      'dist/test/provider/registry/authorization.test.js',
      'dist/test/security/secrets.test.js',
    ],
  },
]

/** The compiled files of an area. */
export function filesOf({ sources }: Area): string[] {
  return sources.flatMap((place) => filesBelow(place, '.js'))
}

/** The test files of an area; those that have not been written yet are ignored. */
export function testsOf({ tests }: Area): string[] {
  return tests.filter((place) => existsSync(place)).flatMap((place) => filesBelow(place, '.test.js'))
}

function filesBelow(place: string, ending: string): string[] {
  if (!statSync(place).isDirectory()) return [place]
  const names = readdirSync(place, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(place, name))
    .sort()
}
