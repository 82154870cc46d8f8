import { isLibraryManifest } from '../library-manifests.js'
import { MB, type PackageFormat } from '../package-reader.js'
import { linesOf } from './deb822.js'

/** Which of the files that say what library they belong to came with a Debian package (dpkg(1), /var/lib/dpkg/info). */
export const dpkgFiles: PackageFormat = {
  id: 'dpkg-files-1',
  largest: 64 * MB,
  wantsPath: (path) => LIST.test(path),
  read(bytes, findings, path) {
    const name = LIST.exec(path)?.[1]
    if (name === undefined) return
    const files: string[] = []
    for (const line of linesOf(bytes.toString('utf8'))) {
      const file = line.replace(/^\/+/, '')
      if (file.length <= LONGEST_PATH && isLibraryManifest(file)) files.push(file)
    }
    findings.owned(name, files)
  },
}

/** In characters. */
const LONGEST_PATH = 4096

/** `libc6:amd64.list` where a package can be there for several architectures. */
const LIST = /^var\/lib\/dpkg\/info\/([^/:]+)(?::[^/]+)?\.list$/
