import { goWithPointers, inlineGo, madeElf, madePe, rustAudit } from './made-binaries.js'
import { madeHive } from './made-hive.js'
import { berkeleyDatabase, ndbDatabase, rpmHeaderBlob } from './made-rpm.js'
import { sqliteDatabase } from './made-sqlite.js'
import { madeZip } from './made-zip.js'

export const DPKG_STATUS = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Description: GNU C Library
 has lines
 .
 and more

Package: bsdutils
Status: install ok installed
Architecture: amd64
Source: util-linux (2.38.1-5+deb12u3)
Version: 1:2.38.1-5+deb12u3

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: waiting
Status: install ok triggers-pending
Architecture: all
Version: 2.0
`

export const APK_INSTALLED = `C:Q1pSfk=
P:musl
V:1.2.4-r2
A:x86_64
S:383459
L:MIT
o:musl
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755

P:ssl_client
V:1.36.1-r15
A:x86_64
L:GPL-2.0-only
o:busybox
`

const RPMS = [
  rpmHeaderBlob({
    name: 'bash',
    version: '5.1.8',
    release: '6.el9',
    licence: 'GPLv3+',
    architecture: 'x86_64',
    sourceRpm: 'bash-5.1.8-6.el9.src.rpm',
    files: ['/usr/bin/bash', '/usr/share/doc/bash/README'],
  }),
  rpmHeaderBlob({
    name: 'openssl-libs',
    version: '3.0.7',
    release: '27.el9',
    epoch: 1,
    architecture: 'x86_64',
    sourceRpm: 'openssl-3.0.7-27.el9.src.rpm',
    files: Array.from({ length: 900 }, (_, i) => `/usr/share/doc/openssl/file-number-${i}`),
  }),
  rpmHeaderBlob({ name: 'gpg-pubkey', version: 'fd431d51', release: '4ae0493b' }),
]

const HIVE = madeHive({
  keys: {
    Classes: {},
    Microsoft: {
      keys: {
        'Windows NT': {
          keys: {
            CurrentVersion: {
              values: {
                ProductName: 'Windows Server 2022 Datacenter',
                EditionID: 'ServerDatacenter',
                DisplayVersion: '21H2',
                CurrentMajorVersionNumber: 10,
                CurrentMinorVersionNumber: 0,
                CurrentBuildNumber: '20348',
                UBR: 2340,
              },
            },
          },
        },
      },
    },
  },
})

const POM = 'groupId=org.slf4j\nartifactId=slf4j-api\nversion=1.7.36\n'
const INNER = madeZip({ 'META-INF/maven/org.slf4j/slf4j-api/pom.properties': POM })

/** One file of each format, with what is to be found in it. */
export const SAMPLES: { path: string; bytes: Buffer; packages: string[] }[] = [
  {
    path: 'var/lib/dpkg/status',
    bytes: Buffer.from(DPKG_STATUS),
    packages: ['deb bsdutils 1:2.38.1-5+deb12u3', 'deb libc6 2.36-9+deb12u10', 'deb waiting 2.0'],
  },
  {
    path: 'var/lib/dpkg/status.d/tzdata',
    bytes: Buffer.from('Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n'),
    packages: ['deb tzdata 2024a-0+deb12u1'],
  },
  {
    path: 'lib/apk/db/installed',
    bytes: Buffer.from(APK_INSTALLED),
    packages: ['apk musl 1.2.4-r2', 'apk ssl_client 1.36.1-r15'],
  },
  {
    path: 'usr/lib/opkg/status',
    bytes: Buffer.from(
      'Package: busybox\nVersion: 1.36.1-r1\nStatus: install user installed\nArchitecture: mips_24kc\n',
    ),
    packages: ['opkg busybox 1.36.1-r1'],
  },
  {
    path: 'var/lib/pacman/local/zlib-1:1.3-1/desc',
    bytes: Buffer.from(
      '%NAME%\nzlib\n\n%VERSION%\n1:1.3-1\n\n%BASE%\nzlib\n\n%DESC%\nA library\n\n%ARCH%\nx86_64\n\n%LICENSE%\ncustom\nZlib\n',
    ),
    packages: ['alpm zlib 1:1.3-1'],
  },
  {
    path: 'var/lib/rpm/rpmdb.sqlite',
    bytes: sqliteDatabase(RPMS),
    packages: ['rpm bash 5.1.8-6.el9', 'rpm openssl-libs 1:3.0.7-27.el9'],
  },
  {
    path: 'usr/lib/sysimage/rpm/Packages.db',
    bytes: ndbDatabase(RPMS),
    packages: ['rpm bash 5.1.8-6.el9', 'rpm openssl-libs 1:3.0.7-27.el9'],
  },
  {
    path: 'var/lib/rpm/Packages',
    bytes: berkeleyDatabase(RPMS),
    packages: ['rpm bash 5.1.8-6.el9', 'rpm openssl-libs 1:3.0.7-27.el9'],
  },
  {
    path: 'Files/Windows/servicing/Packages/Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.2340.1.9.mum',
    bytes: Buffer.from('<assembly/>'),
    packages: ['windows Package_for_RollupFix 20348.2340.1.9'],
  },
  { path: 'Files/Windows/System32/config/SOFTWARE', bytes: HIVE, packages: [] },
  {
    path: 'usr/lib/node_modules/@angular/core/package.json',
    bytes: Buffer.from('\ufeff{"name":"@angular/core","version":"17.3.1","license":"MIT"}'),
    packages: ['npm @angular/core 17.3.1'],
  },
  {
    path: 'usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA',
    bytes: Buffer.from(
      'Metadata-Version: 2.1\nName: requests\nVersion: 2.28.1\nLicense: Apache 2.0\n\nName: not this\nVersion: 0\n',
    ),
    packages: ['pypi requests 2.28.1'],
  },
  {
    path: 'usr/lib/python3/dist-packages/six-1.16.0.egg-info',
    bytes: Buffer.from(
      'Metadata-Version: 1.1\nName: six\nVersion: 1.16.0\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n',
    ),
    packages: ['pypi six 1.16.0'],
  },
  {
    path: 'app/program.deps.json',
    bytes: Buffer.from(
      JSON.stringify({
        libraries: {
          'program/1.0.0': { type: 'project' },
          'Newtonsoft.Json/13.0.3': { type: 'package' },
        },
      }),
    ),
    packages: ['nuget Newtonsoft.Json 13.0.3'],
  },
  {
    path: 'usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.8.gemspec',
    bytes: Buffer.from(
      'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.2.8"\n  s.licenses = ["MIT".freeze]\nend\n',
    ),
    packages: ['gem rack 2.2.8'],
  },
  {
    path: 'app/vendor/composer/installed.json',
    bytes: Buffer.from(
      '{"packages":[{"name":"monolog/monolog","version":"2.9.1","license":["MIT"]},null,{"name":1}]}',
    ),
    packages: ['composer monolog/monolog 2.9.1'],
  },
  {
    path: 'opt/app.jar',
    bytes: madeZip({
      'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nImplementation-Version: 3.1\n',
      'BOOT-INF/lib/slf4j-api-1.7.36.jar': INNER,
      'BOOT-INF/lib/broken.jar': 'PK',
    }),
    packages: ['maven app 3.1', 'maven org.slf4j:slf4j-api 1.7.36'],
  },
  {
    path: 'usr/bin/go-program',
    bytes: madeElf([{ name: '.go.buildinfo', bytes: inlineGo() }]),
    packages: [
      'golang example.org/new v1.1.0',
      'golang example.org/ours v0.2.0',
      'golang example.org/program v1.4.0',
      'golang golang.org/x/text v0.3.7',
      'golang stdlib 1.21.5',
    ],
  },
  {
    path: 'usr/bin/old-go-program',
    bytes: goWithPointers(),
    packages: [
      'golang example.org/new v1.1.0',
      'golang example.org/ours v0.2.0',
      'golang example.org/program v1.4.0',
      'golang golang.org/x/text v0.3.7',
      'golang stdlib 1.21.5',
    ],
  },
  {
    path: 'Files/app/go-program.exe',
    bytes: madePe({ name: '.data', bytes: inlineGo() }),
    packages: [
      'golang example.org/new v1.1.0',
      'golang example.org/ours v0.2.0',
      'golang example.org/program v1.4.0',
      'golang golang.org/x/text v0.3.7',
      'golang stdlib 1.21.5',
    ],
  },
  {
    path: 'usr/bin/rust-program',
    bytes: madeElf([{ name: '.dep-v0', bytes: rustAudit() }]),
    packages: ['cargo program 0.1.0', 'cargo serde 1.0.200'],
  },
]
