import { MB, type PackageFormat } from '../package-reader.js'
import { objectIn } from './npm.js'

/**
 * Packages of .NET, as the file beside a program lists them (github.com/dotnet/sdk,
 * documentation/specs/runtime-configuration-file.md).
 */
export const dotnet: PackageFormat = {
  id: 'dotnet-1',
  largest: 32 * MB,
  wantsPath: (path) => path.endsWith('.deps.json'),
  read(bytes, findings) {
    const libraries = objectIn(bytes).libraries
    if (libraries === null || typeof libraries !== 'object') return
    for (const [key, library] of Object.entries(libraries as Record<string, { type?: unknown } | null>)) {
      const [name, version] = key.split('/')
      // The rest are the projects that were built, and the runtime itself.
      if (library?.type === 'package') findings.package({ kind: 'nuget', name, version })
    }
  },
}
