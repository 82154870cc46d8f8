import { binaries } from '../packages/binaries/binaries.js'
import { java } from '../packages/java/java.js'
import { dotnet } from '../packages/libraries/dotnet.js'
import { npm } from '../packages/libraries/npm.js'
import { php } from '../packages/libraries/php.js'
import { python } from '../packages/libraries/python.js'
import { ruby } from '../packages/libraries/ruby.js'
import type { PackageFacts } from '../packages/package-facts.js'
import { packageReader } from '../packages/package-reader.js'
import { rpm, rpmLog } from '../packages/rpm/rpm.js'
import { apk } from '../packages/systems/apk.js'
import { debianCopyright } from '../packages/systems/debian-copyright.js'
import { dpkg, opkg } from '../packages/systems/dpkg.js'
import { dpkgFiles } from '../packages/systems/dpkg-files.js'
import { osRelease } from '../packages/systems/os-release.js'
import { pacman } from '../packages/systems/pacman.js'
import { servicing } from '../packages/windows/servicing.js'
import { softwareHive } from '../packages/windows/software-hive.js'
import type { FileReader } from '../tree/file-reader.js'

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
