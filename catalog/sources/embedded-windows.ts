import type { EmbeddedImage } from './embedded-image.js'

const DOCS =
  'https://github.com/MicrosoftDocs/Virtualization-Documentation/blob/77e0742a8029cf3b5a96c84dfab2ce7ba623286c/virtualization/windowscontainers'
const REPO_INFO = 'https://github.com/docker-library/repo-info/blob'

/** All of them have this in common: a version is the Windows build, in four parts. */
const WINDOWS = {
  publisher: 'Microsoft',
  registry: 'mcr.microsoft.com',
  platforms: ['windows/amd64'],
  tagRule: '10\\.0\\.[0-9]+\\.[0-9]+',
  tagsAreBuilds: true,
}

/**
 * Microsoft's base images. The registry's own lists are not published as documents; the builds are those on
 * which docker-library's records say that its images are built (the first steps of each history), and those
 * in Microsoft's documentation.
 */
export const WINDOWS_IMAGES: EmbeddedImage[] = [
  {
    ...WINDOWS,
    name: 'NanoServer',
    summary: 'Nano Server: the smallest Windows, for .NET and other self-contained programs',
    repository: 'windows/nanoserver',
    documented: [
      {
        tags: [
          '10.0.26100.33438',
          '10.0.26100.33296',
          '10.0.26100.33158',
          '10.0.20348.5499',
          '10.0.17763.437',
        ],
      },
      { tags: ['ltsc2025', 'ltsc2022', '1809', '1809-KB4493509'] },
    ],
    asOf: '2026-09-09',
    documentedBy: [
      `${REPO_INFO}/11bfd4f99b512979c1af2554b414258d8476f41f/repos/eclipse-temurin/remote/21-jre-nanoserver-ltsc2025.md`,
      `${REPO_INFO}/0adcda409c47ba2ede105ffa08e30fa419f5bf92/repos/golang/remote/1-nanoserver.md`,
      `${REPO_INFO}/48c9ed9fdad8691ded7f7887304cd204084dfb43/repos/golang/remote/1.25-nanoserver-ltsc2025.md`,
      'https://github.com/docker-library/golang/tree/7c8c182bfc19ee3169d0596ae63917d2c7166f94',
      `${DOCS}/deploy-containers/version-compatibility.md`,
    ],
  },
  {
    ...WINDOWS,
    name: 'WindowsServerCore',
    summary: 'Windows Server Core: Windows Server without its desktop, for .NET Framework and services',
    repository: 'windows/servercore',
    documented: [
      {
        tags: [
          '10.0.26100.33438',
          '10.0.26100.33296',
          '10.0.20348.5622',
          '10.0.20348.5499',
          '10.0.17763.1040',
        ],
      },
      { tags: ['ltsc2025', 'ltsc2022', 'ltsc2019', '1809'] },
    ],
    asOf: '2026-09-21',
    documentedBy: [
      `${REPO_INFO}/e4f95aa8d09409956506c62dc8509920e7bd6198/repos/pypy/remote/2-8-windowsservercore.md`,
      `${REPO_INFO}/2af3b479e2f2a00fd4a5be3b414c9904c69ea365/repos/golang/remote/1.25-windowsservercore-ltsc2025.md`,
      `${REPO_INFO}/2af3b479e2f2a00fd4a5be3b414c9904c69ea365/repos/golang/remote/1.25-windowsservercore-ltsc2022.md`,
      'https://github.com/MicrosoftDocs/Virtualization-Documentation/blob/06fbe496c3979d4bc79ed79d377be573bcc006ed/virtualization/windowscontainers/deploy-containers/update-containers.md',
      `${DOCS}/manage-containers/container-base-images.md`,
    ],
  },
  {
    ...WINDOWS,
    name: 'WindowsServer',
    summary: 'Windows Server with its full API, graphics included',
    repository: 'windows/server',
    documented: [{ tags: ['ltsc2022'] }],
    asOf: '2026-08-07',
    documentedBy: [`${DOCS}/manage-containers/gmsa-run-container.md`],
  },
  {
    ...WINDOWS,
    name: 'Windows',
    summary: 'Windows with its full API; not made for Windows Server 2025, which has WindowsServer',
    repository: 'windows',
    documented: [{ tags: ['1809'] }],
    asOf: '2026-08-07',
    documentedBy: [`${DOCS}/deploy-containers/gpu-acceleration.md`],
  },
]
