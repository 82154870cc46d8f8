import { expect } from 'chai'
import { foundLines } from '../../../cli/output/found-images.js'
import { historyLines } from '../../../cli/output/history-steps.js'
import { installDocument, installedLines, wouldInstallLines } from '../../../cli/output/installed-images.js'
import { savedLines, wouldSaveLines } from '../../../cli/output/saved-images.js'
import { storedIds, storedLines } from '../../../cli/output/stored-images.js'
import { uninstalledLines, wouldUninstallLines } from '../../../cli/output/uninstalled-images.js'
import { verifiedLines } from '../../../cli/output/verified.js'
import type { InstallResult, SaveResult, StoredImage, UninstallResult } from '../../../provider/index.js'

const A = `sha256:${'a'.repeat(64)}` as const
const B = `sha256:${'b'.repeat(64)}` as const
const now = new Date('2026-11-21T12:00:00Z')

describe('what find prints', () => {
  const image = {
    name: 'NanoServer',
    version: '10.0.14300.1010',
    os: 'windows',
    architecture: 'amd64',
    source: 'stick',
    summary: 'Nano Server',
  }

  it('has the columns that the provider had', () => {
    expect(foundLines([image])).to.deep.equal([
      'Name        Version          Source  Summary',
      '----        -------          ------  -------',
      'NanoServer  10.0.14300.1010  stick   Nano Server',
    ])
  })

  it('tells platforms of one name apart', () => {
    const debian = { ...image, name: 'debian', version: '12.5', os: 'linux', summary: '' }
    const others = [debian, { ...debian, architecture: 'arm', variant: 'v7' }]
    expect(foundLines([image, ...others])).to.deep.equal([
      'Name        Version          Platform       Source  Summary',
      '----        -------          --------       ------  -------',
      'NanoServer  10.0.14300.1010  windows/amd64  stick   Nano Server',
      'debian      12.5             linux/amd64    stick',
      'debian      12.5             linux/arm/v7   stick',
    ])
  })

  it('shows an image without a name by its digest', () => {
    const unnamed = [A, B].map((digest) => ({ ...image, name: '', version: '', digest, summary: '' }))
    expect(foundLines(unnamed).slice(2)).to.deep.equal([
      'aaaaaaaaaaaa  <none>   stick',
      'bbbbbbbbbbbb  <none>   stick',
    ])
  })

  it('is nothing where nothing was found', () => {
    expect(foundLines([])).to.deep.equal([])
  })
})

describe('what get prints', () => {
  const image: StoredImage = {
    repository: 'nanoserver',
    tag: 'latest',
    name: 'NanoServer',
    version: '10.0.14300.1010',
    fullName: 'CN=Microsoft_NanoServer_10.0.14300.1010',
    id: A,
    digest: B,
    created: '2026-10-31T12:00:00Z',
    size: 1_300_000_000,
    unpackedSize: 2_900_000_000,
    contentSize: 1_300_000_000,
    os: 'windows',
    architecture: 'amd64',
  }

  it("has docker's columns, a row a tag, and what is stored beside the unpacked size", () => {
    expect(storedLines([image, { ...image, tag: '10.0.14300.1010' }], { now })).to.deep.equal([
      'REPOSITORY   TAG               IMAGE ID       CREATED       SIZE    CONTENT',
      'nanoserver   latest            aaaaaaaaaaaa   3 weeks ago   2.9GB   1.3GB',
      'nanoserver   10.0.14300.1010   aaaaaaaaaaaa   3 weeks ago   2.9GB   1.3GB',
    ])
  })

  it('is the header alone for an empty store', () => {
    expect(storedLines([], { now })).to.deep.equal(['REPOSITORY   TAG   IMAGE ID   CREATED   SIZE   CONTENT'])
  })

  it('is each id once with --quiet', () => {
    expect(storedIds([image, { ...image, tag: 'x' }])).to.deep.equal(['aaaaaaaaaaaa'])
  })
})

describe('what save prints', () => {
  const result: SaveResult = {
    images: [{ name: 'debian', version: '12.5', platform: 'linux/amd64', digest: A, size: 48_300_000 }],
    files: [{ path: '/usb/debian-12-5.tar', size: 48_310_784, sha256: 'c'.repeat(64) }],
    fetchedBytes: 40_000_000,
    reusedBytes: 8_300_000,
  }

  it('names images, files, digests, sizes and what was reused', () => {
    expect(savedLines(result)).to.deep.equal([
      'Saved debian 12.5 (linux/amd64), 48.30 MB',
      `  ${A}`,
      'File /usb/debian-12-5.tar, 48.31 MB',
      `  SHA-256 ${'c'.repeat(64)}`,
      'Fetched 40.00 MB, reused 8.30 MB.',
    ])
  })

  it("says what would happen in PowerShell's form", () => {
    expect(wouldSaveLines(result)).to.deep.equal([
      `What if: Performing the operation "Save Package" on target "'debian' version '12.5' to location '/usb/debian-12-5.tar'".`,
    ])
  })
})

describe('what install prints', () => {
  const result: InstallResult = {
    images: [
      {
        name: 'debian',
        version: '12.5',
        fullName: 'CN=Debian_debian_12.5',
        digest: A,
        tags: ['debian:12.5', 'debian:latest'],
        platform: 'linux/amd64',
        size: 48_300_000,
      },
    ],
    origins: ['./debian-12-5.tar'],
    copiedBytes: 40_000_000,
    reusedBytes: 8_300_000,
    moved: [{ tag: 'debian:latest', from: B, fromVersion: '12.4', to: A, toVersion: '12.5' }],
    alreadyThere: [],
    blobs: [],
    layers: [],
  }

  it('names what latest moved away from', () => {
    expect(installedLines(result)).to.deep.equal([
      'Installed debian 12.5 (linux/amd64), 48.30 MB',
      '  CN=Debian_debian_12.5',
      `  ${A}`,
      '  tagged debian:12.5, debian:latest',
      'debian:latest moved from 12.4 (bbbbbbbbbbbb) to 12.5 (aaaaaaaaaaaa)',
      'Copied 40.00 MB, reused 8.30 MB.',
    ])
  })

  it('says when all of it was there already', () => {
    const again = { ...result, alreadyThere: [A], moved: [], copiedBytes: 0, reusedBytes: 48_300_000 }
    expect(installedLines(again)[0]).to.equal(
      'debian 12.5 (linux/amd64) was already there; nothing was copied',
    )
  })

  it("says what would happen in PowerShell's form", () => {
    expect(wouldInstallLines(result)).to.deep.equal([
      'What if: Performing the operation "Install Package" on target "Package debian version 12.5 from ./debian-12-5.tar".',
      'debian:latest would move from 12.4 (bbbbbbbbbbbb) to 12.5 (aaaaaaaaaaaa)',
      'Would copy 40.00 MB and reuse 8.30 MB.',
    ])
  })

  it('names no digest of an image that is yet to be made', () => {
    const moved = result.moved.map((one) => ({ ...one, to: '' as const }))
    expect(wouldInstallLines({ ...result, moved })).to.include(
      'debian:latest would move from 12.4 (bbbbbbbbbbbb) to 12.5',
    )
  })

  it('is with --json what the contract says, no more and no less', () => {
    expect(installDocument(result)).to.have.all.keys('images', 'copiedBytes', 'reusedBytes')
  })
})

describe('what uninstall prints', () => {
  const result: UninstallResult = {
    removed: [
      {
        name: 'debian',
        version: '12.5',
        fullName: 'CN=Debian_debian_12.5',
        digest: A,
        tags: ['debian:12.5', 'debian:latest'],
      },
    ],
    freedBytes: 48_300_000,
    latest: [{ tag: 'debian:latest', digest: B, version: '12.4' }],
  }

  it('says where latest went', () => {
    expect(uninstalledLines(result)).to.deep.equal([
      'Uninstalled debian 12.5',
      '  CN=Debian_debian_12.5',
      `  ${A}`,
      '  untagged debian:12.5, debian:latest',
      'debian:latest is now 12.4 (bbbbbbbbbbbb)',
      'Freed 48.30 MB.',
    ])
    expect(wouldUninstallLines(result)).to.deep.equal([
      'What if: Performing the operation "Uninstall Package" on target "Package debian version 12.5".',
      '  would untag debian:12.5, debian:latest',
      'debian:latest would become 12.4 (bbbbbbbbbbbb)',
      'Would free 48.30 MB.',
    ])
  })
})

describe('what uninstall prints of a folder that the image was laid out in', () => {
  it('is its path and size', () => {
    const expanded = [{ path: '/images/CN=a_b_1', bytes: 2_000_000 }]
    const result: UninstallResult = { removed: [], freedBytes: 1000, expanded }
    expect(uninstalledLines(result)).to.deep.equal([
      'Removed the folder /images/CN=a_b_1, 2.00 MB',
      'Freed 1.00 kB.',
    ])
    expect(wouldUninstallLines(result)[0]).to.equal('Would remove the folder /images/CN=a_b_1, 2.00 MB')
  })

  it('is why it stays', () => {
    const kept = [
      { path: '/images/CN=a_b_1', stores: ['/stores/one', '/stores/t\u001bwo'] },
      { path: '/images/CN=a_b_2', stores: [] },
    ]
    const result: UninstallResult = { removed: [], freedBytes: 0, kept }
    const [first, second] = uninstalledLines(result)
    expect(first).to.match(
      /^Kept the folder \/images\/CN=a_b_1: it was laid out for \/stores\/one, \/stores\/t.*wo$/,
    )
    expect(first).to.match(/^\P{Cc}*$/u)
    expect(second).to.equal(
      'Kept the folder /images/CN=a_b_2: it does not say that it was laid out for this store',
    )
    expect(wouldUninstallLines(result)[0]).to.match(/^Would keep the folder \/images\/CN=a_b_1: /)
  })
})

describe('what history prints', () => {
  const step = {
    created: '2026-10-31T12:00:00Z',
    createdBy: `/bin/sh -c ${'x'.repeat(60)}`,
    size: 1300,
    comment: 'note',
    emptyLayer: false,
  }

  it('cuts commands, unless it must not', () => {
    expect(historyLines([step], now, false)).to.deep.equal([
      'CREATED       CREATED BY                                      SIZE    COMMENT',
      `3 weeks ago   /bin/sh -c ${'x'.repeat(31)}...   1.3kB   note`,
    ])
    expect(historyLines([step], now, true)[1]).to.contain('x'.repeat(60))
  })
})

describe('what verify prints', () => {
  it('is a line a problem and a summary', () => {
    const problem = {
      code: 'DIGEST_MISMATCH',
      path: 'blobs/x\u001b',
      digest: A,
      expected: 'a',
      found: 'b',
      message: 'It is wrong.',
    }
    expect(verifiedLines({ ok: false, blobs: 3, bytes: 1000, problems: [problem] }, false)).to.deep.equal([
      `DIGEST_MISMATCH blobs/x? ${A}: It is wrong. (expected a, found b)`,
      'Verified 3 blobs, 1.00 kB: 1 problem.',
    ])
    expect(verifiedLines({ ok: true, blobs: 1, bytes: 0, problems: [] }, false)).to.deep.equal([
      'Verified 1 blob, 0 B: all is well.',
    ])
    expect(verifiedLines({ ok: true, blobs: 1, bytes: 0, problems: [] }, true)).to.deep.equal([])
  })
})
