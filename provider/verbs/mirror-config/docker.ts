import type { Mirror } from '../../registry/mirrors.js'
import {
  type ConfigFile,
  type EngineConfig,
  isInsecure,
  type MirroredRegistry,
  nameOf,
} from './config-file.js'

const FILE = '/etc/docker/daemon.json'

/** dockerd's daemon.json: it has mirrors for Docker Hub only, without a path (dockerd(8), --registry-mirror). */
export function dockerConfig(registries: MirroredRegistry[]): EngineConfig {
  const hub =
    registries.find(({ registry }) => registry === 'docker.io') ??
    registries.find(({ registry }) => registry === '*')
  const mirrors = hub?.mirrors.filter(({ prefix }) => prefix === '') ?? []
  const insecure = [...new Set(mirrors.filter(isInsecure).map(({ registry }) => registry))]
  const document = {
    'registry-mirrors': mirrors.map(({ origin }) => origin.origin),
    'insecure-registries': insecure.length > 0 ? insecure : undefined,
  }
  const file: ConfigFile = { path: FILE, content: { text: `${JSON.stringify(document, null, 2)}\n` } }
  return {
    files: mirrors.length > 0 ? [file, ...mirrors.flatMap(authority)] : [],
    limits: limitsOf(registries, hub),
    next: [
      `Put it at ${FILE}; where there is such a file, add these keys to it.`,
      'Restart docker: systemctl restart docker. `docker info` then lists the mirrors.',
    ],
  }
}

function limitsOf(registries: MirroredRegistry[], hub: MirroredRegistry | undefined): string[] {
  const others = registries.filter(({ registry }) => registry !== 'docker.io')
  return [
    ...others.map(
      ({ registry, mirrors }) =>
        `docker has mirrors for docker.io only, not for ${nameOf(registry)}: pull by the mirror's own name, ${ownName(mirrors)}, or let this program save and docker load.`,
    ),
    ...(hub?.mirrors ?? [])
      .filter(({ prefix }) => prefix !== '')
      .map(({ url }) => `docker takes no mirror with a path; ${url} is left out.`),
    ...(hub && !hub.upstream
      ? ['docker asks docker.io itself where the mirrors have nothing; only the network can forbid that.']
      : []),
    ...(hub?.mirrors ?? [])
      .filter(({ setting }) => setting.capabilities?.length === 1)
      .map(({ url }) => `docker asks a mirror for tags and digests alike, ${url} too.`),
  ]
}

function ownName([first]: Mirror[]): string {
  return [first?.registry, first?.prefix, 'NAME'].filter(Boolean).join('/')
}

function authority({ registry, setting }: Mirror): ConfigFile[] {
  if (setting.caFile === undefined) return []
  return [{ path: `/etc/docker/certs.d/${registry}/ca.crt`, content: { copyOf: setting.caFile } }]
}
