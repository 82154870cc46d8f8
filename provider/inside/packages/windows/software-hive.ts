import type { WindowsFacts } from '../package-facts.js'
import { MB, type PackageFormat } from '../package-reader.js'
import { type RegistryValue, registryValues } from './hive.js'

/**
 * Which Windows it is, according to its registry: the hive of an image, and what a further layer changes in
 * it (github.com/microsoft/hcsshim, internal/wclayer: a layer above the base has only the differences, below
 * `Hives`).
 */
export const softwareHive: PackageFormat = {
  id: 'windows-software-hive-1',
  largest: 512 * MB,
  wantsPath: (path) => HIVE.test(path),
  read(bytes, findings) {
    const values = registryValues(bytes, ['Microsoft', 'Windows NT', 'CurrentVersion'])
    const windows = values && factsOf(values)
    if (windows && Object.keys(windows).length > 0) findings.add({ windows })
  },
}

const HIVE = /^(?:(?:Files\/)?Windows\/System32\/config\/SOFTWARE|Hives\/Software_(?:Base|Delta))$/i

function factsOf(values: Map<string, RegistryValue>): WindowsFacts {
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined
  }
  const number = (name: string): number | undefined => {
    const value = values.get(name)
    return typeof value === 'number' ? value : undefined
  }
  return withoutGaps({
    productName: text('productname'),
    editionId: text('editionid'),
    displayVersion: text('displayversion') ?? text('releaseid'),
    majorVersion: number('currentmajorversionnumber'),
    minorVersion: number('currentminorversionnumber'),
    build: text('currentbuildnumber') ?? text('currentbuild'),
    // "UBR": the update build revision, the last number of the version.
    revision: number('ubr'),
  })
}

function withoutGaps(facts: { [name in keyof WindowsFacts]: WindowsFacts[name] | undefined }): WindowsFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
