import type { FileReader } from '../tree/file-reader.js'
import { binaries } from './binaries/binaries.js'
import { java } from './java/java.js'
import { dotnet } from './libraries/dotnet.js'
import { npm } from './libraries/npm.js'
import { php } from './libraries/php.js'
import { python } from './libraries/python.js'
import { ruby } from './libraries/ruby.js'
import type { PackageFacts } from './package-facts.js'
import { packageReader } from './package-reader.js'
import { rpm, rpmLog } from './rpm/rpm.js'
import { apk } from './systems/apk.js'
import { debianCopyright } from './systems/debian-copyright.js'
import { dpkg, opkg } from './systems/dpkg.js'
import { dpkgFiles } from './systems/dpkg-files.js'
import { osRelease } from './systems/os-release.js'
import { pacman } from './systems/pacman.js'
import { servicing } from './windows/servicing.js'
import { softwareHive } from './windows/software-hive.js'

/** Everything that says what packages an image has. No two of them want the same file. */
export const PACKAGE_READERS: readonly FileReader<PackageFacts>[] = [
  osRelease,
  dpkg,
  dpkgFiles,
  debianCopyright,
  apk,
  rpm,
  rpmLog,
  opkg,
  pacman,
  softwareHive,
  servicing,
  npm,
  python,
  java,
  dotnet,
  ruby,
  php,
  binaries,
].map(packageReader)
