import { readFileSync } from 'node:fs'
import path from 'node:path'
import { runPeer } from '../../../peers/peers.js'

interface Component {
  name: string
  group?: string
  version?: string
  purl?: string
}

/** What trivy lists of an image in a layout or an archive: `purl-type name version`, sorted. */
export function scannedByTrivy(input: string, folder: string): string[] {
  const output = path.join(folder, 'trivy.json')
  const quiet = ['--quiet', '--offline-scan', '--cache-dir', path.join(folder, 'trivy')]
  runPeer('trivy', ['image', '--input', input, '--format', 'cyclonedx', '--output', output, ...quiet])
  const { components } = JSON.parse(readFileSync(output, 'utf8')) as { components: Component[] }
  const lines = components.flatMap(({ purl = '' }) => {
    const [, type, name = '', version = ''] = /^pkg:([^/]+)\/(.*)@([^?]*)/.exec(purl) ?? []
    // Epochs are in the qualifiers there.
    const epoch = /[?&]epoch=(\d+)/.exec(purl)?.[1]
    return type === undefined ? [] : [inOneForm(type, name, version, epoch)]
  })
  return [...new Set(lines)].sort()
}

/** Of a package URL the parts by which packages are told apart, without the name of the distribution. */
export function inOneForm(type: string, name: string, version: string, epoch?: string): string {
  const last = ['deb', 'apk', 'rpm'].includes(type) ? (name.split('/').at(-1) ?? name) : name
  const whole = decodeURIComponent(version)
  return `${type} ${decodeURIComponent(last)} ${epoch === undefined || epoch === '0' ? whole : `${epoch}:${whole}`}`
}
