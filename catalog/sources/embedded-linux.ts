import type { EmbeddedImage } from './embedded-image.js'

/** The list of Docker's official images, as of one commit: which tags each of them has. */
const OFFICIAL =
  'https://github.com/docker-library/official-images/blob/37079fb336f572a88700cf32e5e1f6be54a04e8f/library'
const OFFICIAL_DAY = '2026-08-22'

const ALPINE_PLATFORMS = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/386',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/s390x',
]
const FOUR_PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/ppc64le', 'linux/s390x']

/** Base images of Linux distributions, each from its publisher's own place. */
export const LINUX_IMAGES: EmbeddedImage[] = [
  {
    name: 'debian',
    publisher: 'Debian',
    summary: 'Debian, minimal',
    registry: 'docker.io',
    repository: 'library/debian',
    platforms: [
      'linux/amd64',
      'linux/arm/v5',
      'linux/arm/v7',
      'linux/arm64',
      'linux/386',
      'linux/ppc64le',
      'linux/riscv64',
      'linux/s390x',
    ],
    documented: [
      {
        tags: [
          '13.6',
          '13',
          'trixie',
          'trixie-20260803',
          'stable',
          'latest',
          '13.6-slim',
          '13-slim',
          'trixie-slim',
          'trixie-20260803-slim',
          'stable-slim',
        ],
      },
      {
        tags: [
          '12.15',
          '12',
          'bookworm',
          'bookworm-20260803',
          '12.15-slim',
          '12-slim',
          'bookworm-slim',
          'bookworm-20260803-slim',
        ],
        platforms: ['linux/amd64', 'linux/arm/v7', 'linux/arm64', 'linux/386', 'linux/ppc64le'],
      },
      {
        tags: [
          '11.11',
          '11',
          'bullseye',
          'bullseye-20260803',
          '11.11-slim',
          '11-slim',
          'bullseye-slim',
          'bullseye-20260803-slim',
        ],
        platforms: ['linux/amd64', 'linux/arm/v7', 'linux/arm64', 'linux/386'],
      },
    ],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/debian`],
  },
  {
    name: 'ubuntu',
    publisher: 'Canonical',
    summary: 'Ubuntu, minimal; the releases with long-term support count as versions, others are tags',
    registry: 'docker.io',
    repository: 'library/ubuntu',
    platforms: [
      'linux/amd64',
      'linux/arm/v7',
      'linux/arm64',
      'linux/ppc64le',
      'linux/riscv64',
      'linux/s390x',
    ],
    // The registry also has the upcoming release, under its number: it must never count as the newest.
    tagRule: '[0-9]*[02468]\\.04',
    documented: [
      { tags: ['26.04', 'resolute', 'resolute-20260811.1', 'latest'] },
      { tags: ['24.04', 'noble', 'noble-20260810'] },
      { tags: ['22.04', 'jammy', 'jammy-20260810'] },
    ],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/ubuntu`],
  },
  {
    name: 'alpine',
    publisher: 'Alpine',
    summary: 'Alpine Linux: small, with musl and BusyBox',
    registry: 'docker.io',
    repository: 'library/alpine',
    platforms: ALPINE_PLATFORMS,
    documented: [
      {
        tags: [
          '3.24.1',
          '3.24',
          '3.23.5',
          '3.23',
          '3.22.5',
          '3.22',
          '3.21.7',
          '3.21',
          '3',
          'latest',
          'edge',
          '20260805',
        ],
      },
    ],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/alpine`],
  },
  {
    // Its tags are plain release numbers, and the upcoming release has one as well: so all are exact tags.
    name: 'fedora',
    publisher: 'Fedora',
    summary: 'Fedora Linux',
    registry: 'docker.io',
    repository: 'library/fedora',
    platforms: ['linux/amd64', 'linux/arm64', 'linux/ppc64le', 'linux/s390x'],
    documented: [{ tags: ['44', '43', 'latest', 'rawhide'] }],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/fedora`],
  },
  {
    // docker.io/library/rockylinux has had no new image since November 2023; its publisher's own repository
    // has.
    name: 'rockylinux',
    publisher: 'Rocky',
    summary: 'Rocky Linux, compatible with Red Hat Enterprise Linux',
    registry: 'quay.io',
    repository: 'rockylinux/rockylinux',
    platforms: [...FOUR_PLATFORMS, 'linux/riscv64'],
    documented: [{ tags: ['10', '9', '8', '8-minimal'] }],
    asOf: '2026-08-21',
    documentedBy: [
      'https://github.com/89luca89/distrobox/blob/76acec3f0745c4b57d9c18485e6eeb387d1d6e0e/docs/compatibility.md',
      `${OFFICIAL}/rockylinux`,
    ],
  },
  {
    name: 'almalinux',
    publisher: 'AlmaLinux',
    summary: 'AlmaLinux OS, compatible with Red Hat Enterprise Linux',
    registry: 'docker.io',
    repository: 'library/almalinux',
    platforms: [...FOUR_PLATFORMS, 'linux/386', 'linux/riscv64'],
    documented: [
      {
        tags: ['10.2', '10', '10.2-20260602', 'latest', '10.2-minimal', '10-minimal', 'minimal'],
        platforms: [...FOUR_PLATFORMS, 'linux/386'],
      },
      {
        tags: ['9.8', '9', '9.8-20260602', '9.8-minimal', '9-minimal'],
        platforms: FOUR_PLATFORMS,
      },
      {
        tags: ['8.10', '8', '8.10-20260602', '8.10-minimal', '8-minimal'],
        platforms: FOUR_PLATFORMS,
      },
    ],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/almalinux`],
  },
  {
    name: 'amazonlinux',
    publisher: 'Amazon',
    summary: 'Amazon Linux',
    registry: 'docker.io',
    repository: 'library/amazonlinux',
    platforms: ['linux/amd64', 'linux/arm64'],
    documented: [{ tags: ['2023.12.20260817.0', '2023', 'latest', '2.0.20260817.0', '2'] }],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/amazonlinux`],
  },
  {
    name: 'opensuse-leap',
    publisher: 'openSUSE',
    summary: 'openSUSE Leap: regular releases',
    registry: 'registry.opensuse.org',
    repository: 'opensuse/leap',
    platforms: FOUR_PLATFORMS,
    // Leap 42 is older than Leap 15.
    tagRule: '(?:1[5-9]|[23][0-9])(?:\\.[0-9]+)+',
    documented: [{ tags: ['16.0', 'latest'] }],
    asOf: '2026-03-05',
    documentedBy: [
      'https://github.com/opencontainers/umoci/blob/f5d1219acaf67127ebacf6306776d3ff465735ea/Dockerfile',
      'https://build.opensuse.org/package/show/openSUSE:Containers:Leap/16.0',
    ],
  },
  {
    name: 'opensuse-tumbleweed',
    publisher: 'openSUSE',
    summary: 'openSUSE Tumbleweed: a new state of all packages every few days',
    registry: 'registry.opensuse.org',
    repository: 'opensuse/tumbleweed',
    platforms: [...FOUR_PLATFORMS, 'linux/arm/v7', 'linux/riscv64'],
    documented: [{ tags: ['latest'] }],
    asOf: '2026-08-21',
    documentedBy: [
      'https://github.com/89luca89/distrobox/blob/76acec3f0745c4b57d9c18485e6eeb387d1d6e0e/docs/compatibility.md',
    ],
  },
  {
    name: 'azurelinux',
    publisher: 'Microsoft',
    summary: 'Azure Linux, base image',
    registry: 'mcr.microsoft.com',
    repository: 'azurelinux/base/core',
    platforms: ['linux/amd64', 'linux/arm64'],
    documented: [
      {
        tags: [
          '3.0.20260722',
          '3.0.20260401',
          '3.0.20260304',
          '3.0.20260204',
          '3.0.20260107',
          '3.0.20251206',
          '3.0.20251106',
          '3.0.20251030',
          '3.0.20250910',
          '3.0',
        ],
      },
    ],
    asOf: '2026-07-24',
    documentedBy: [
      'https://github.com/microsoft/scitt-ccf-ledger/blob/44a1ec35faee8e1665c76a65ca92f20ba4e11bc4/docker/Dockerfile',
      'https://github.com/microsoft/scitt-ccf-ledger/blob/44a1ec35faee8e1665c76a65ca92f20ba4e11bc4/CHANGELOG.md',
    ],
  },
  {
    name: 'busybox',
    publisher: 'BusyBox',
    summary: 'BusyBox: the common Unix programs in one small file',
    registry: 'docker.io',
    repository: 'library/busybox',
    platforms: [...ALPINE_PLATFORMS, 'linux/arm/v5'],
    documented: [{ tags: ['1.38.0', '1.38', '1', 'unstable', 'latest', '1.37.0', '1.37'] }],
    asOf: OFFICIAL_DAY,
    documentedBy: [`${OFFICIAL}/busybox`],
  },
]
