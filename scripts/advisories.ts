// Compares the packages of the lock file with a database of advisories that was carried here; nobody is asked.
//   npm run advisories [-- FILE]     FILE: another database than the usual one

import { databasePlace } from '../provider/inside/database/database-place.js'
import { databaseThere } from '../provider/inside/database/write-database.js'
import { matchPackages } from '../provider/inside/vulnerabilities/match.js'
import { closing } from '../provider/io/closing/closing.js'
import { ownPackages } from './own-packages.js'

const file = databasePlace(process.argv[2])
const database = databaseThere(file)
if (!database) throw new Error(`There is no database of advisories at ${file}: see docs/vulnerabilities.md.`)
await closing({ close: async () => database.close() }, async () => {
  const own = ownPackages()
  const packages = own.map(({ name, version }) => ({
    kind: 'npm' as const,
    name,
    version,
    file: 'package-lock.json',
    layer: 0,
  }))
  const { matches, sources } = matchPackages(database, packages, undefined)
  for (const { id, severity, fixedIn = 'no version', package: one } of matches)
    console.log(`${severity}  ${one.name} ${one.version}  ${id}, repaired in ${fixedIn}`)
  const dates = sources.map(({ name, date }) => `${name} of ${date.slice(0, 10)}`)
  console.log(
    `${packages.length} packages, ${matches.length} advisories (${dates.join(', ') || 'no source for npm'}).`,
  )
  process.exitCode = matches.length > 0 || sources.length === 0 ? 1 : 0
})
