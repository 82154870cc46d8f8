import type { EmbeddedImage } from './embedded-image.js'

const README = 'https://github.com/dotnet/dotnet-docker/blob/3ed00b611cc88eaa5995525a0549a5703965cd02'

/**
 * .NET's images. The tags that are versions are indexes of Linux images; those of Windows have tags of their
 * own (`10.0.11-nanoserver-ltsc2025`), so a tag that is not documented here may be either.
 */
const DOTNET = {
  publisher: 'Microsoft',
  registry: 'mcr.microsoft.com',
  platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'windows/amd64'],
  asOf: '2026-08-21',
}
const LINUX = ['linux/amd64', 'linux/arm64', 'linux/arm/v7']

export const DOTNET_IMAGES: EmbeddedImage[] = [
  {
    ...DOTNET,
    name: 'dotnet-aspnet',
    summary: 'ASP.NET Core runtime',
    repository: 'dotnet/aspnet',
    documented: [
      { tags: ['10.0.11', '10.0', '9.0.19', '9.0', '8.0.30', '8.0', 'latest'], platforms: LINUX },
      {
        tags: [
          '10.0.11-nanoserver-ltsc2025',
          '10.0.11-windowsservercore-ltsc2025',
          '10.0.11-nanoserver-ltsc2022',
          '10.0.11-windowsservercore-ltsc2022',
        ],
        platforms: ['windows/amd64'],
      },
    ],
    documentedBy: [`${README}/README.aspnet.md`],
  },
  {
    ...DOTNET,
    name: 'dotnet-runtime',
    summary: '.NET runtime',
    repository: 'dotnet/runtime',
    documented: [{ tags: ['10.0.11', '10.0', '9.0.19', '9.0', '8.0.30', '8.0', 'latest'], platforms: LINUX }],
    documentedBy: [`${README}/README.runtime.md`],
  },
  {
    ...DOTNET,
    name: 'dotnet-sdk',
    summary: '.NET SDK, with the compilers and the runtimes',
    repository: 'dotnet/sdk',
    documented: [
      { tags: ['10.0.400', '10.0', '9.0.317', '9.0', '8.0.424', '8.0', 'latest'], platforms: LINUX },
    ],
    documentedBy: [`${README}/README.sdk.md`],
  },
]
