import { MB, type PackageFormat } from '../package-reader.js'

/**
 * The packages that make up Windows, and its updates. Their names say everything:
 * `NAME~public key token~architecture~language~version.mum` (learn.microsoft.com/windows/win32/sbscs/assembly-identity).
 */
export const servicing: PackageFormat = {
  id: 'windows-servicing-1',
  largest: 64 * MB,
  wantsPath: (path) => MANIFEST.test(path),
  read(_, findings, path) {
    const [name = '', , architecture, language, version] = (MANIFEST.exec(path)?.[1] ?? '').split('~')
    findings.package({
      kind: 'windows',
      name: language ? `${name}~${language}` : name,
      version,
      architecture: architecture === '' ? undefined : architecture,
    })
  },
}

/** In a layer all files are below `Files`. */
const MANIFEST = /^(?:Files\/)?Windows\/servicing\/Packages\/([^/]+)\.mum$/i
