import path from 'node:path'
import { makeLayout } from '../../../fixtures/layout.js'

/** A Debian with a few packages, in two layers. @returns the layout */
export function madeDebian(folder: string, release = '12'): string {
  const layout = path.join(folder, 'layout')
  const before = status('zlib1g', '1:1.2.13.dfsg-1', 'zlib')
  const now = [
    before,
    status('libssl3', '3.0.11-1~deb12u1', 'openssl'),
    status('openssl', '3.0.11-1~deb12u1'),
  ]
  makeLayout(layout, [
    {
      refName: 'debian:12.5',
      layers: [
        {
          files: {
            'etc/os-release': `ID=debian\nVERSION_ID="${release}"\nPRETTY_NAME="Debian GNU/Linux ${release}"\n`,
            'var/lib/dpkg/status': before,
          },
        },
        { files: { 'var/lib/dpkg/status': now.join('\n') } },
      ],
    },
  ])
  return layout
}

function status(name: string, version: string, source?: string): string {
  return [
    `Package: ${name}`,
    'Status: install ok installed',
    'Architecture: amd64',
    ...(source === undefined ? [] : [`Source: ${source}`]),
    `Version: ${version}`,
    'Description: a package',
    '',
  ].join('\n')
}

/** Debian's tracker, of two of its source packages. */
export const TRACKER = {
  openssl: {
    'CVE-2026-1001': {
      description: 'Something bad',
      releases: { bookworm: { status: 'resolved', fixed_version: '3.0.13-1~deb12u1', urgency: 'high' } },
    },
    'CVE-2026-1002': { releases: { bookworm: { status: 'open', urgency: 'low' } } },
    'CVE-2026-1003': {
      releases: { bookworm: { status: 'resolved', fixed_version: '3.0.11-1~deb12u1', urgency: 'high' } },
    },
  },
  zlib: { 'CVE-2026-1004': { releases: { bookworm: { status: 'open', urgency: 'unimportant' } } } },
}
