import type { Mirror } from '../../registry/mirrors.js'
import {
  type ConfigFile,
  type EngineConfig,
  isInsecure,
  type MirroredRegistry,
  quoted,
} from './config-file.js'

const FILE = '/etc/containers/registries.conf.d/50-containerimage.conf'

/** The file that podman, skopeo, buildah and CRI-O read (containers-registries.conf(5), version 2). */
export function podmanConfig(registries: MirroredRegistry[]): EngineConfig {
  const named = registries.filter(({ registry }) => registry !== '*')
  const lines = [
    `# ${FILE}`,
    '# podman, skopeo, buildah and CRI-O read it; a user without root may have it as',
    '# ~/.config/containers/registries.conf.d/50-containerimage.conf.',
    ...named.flatMap(registryLines),
  ]
  const text: ConfigFile = { path: FILE, content: { text: `${lines.join('\n')}\n` } }
  return {
    files: named.length > 0 ? [text, ...authorities(named)] : [],
    limits:
      named.length < registries.length
        ? ['podman has no mirrors for every registry: name each with --registry.']
        : [],
    next: [
      'Nothing has to be restarted: podman, skopeo and buildah read it at each run. CRI-O: systemctl reload crio',
    ],
  }
}

function registryLines({ registry, mirrors, upstream }: MirroredRegistry): string[] {
  const others = [...mirrors]
  const last = upstream ? undefined : others.pop()
  return [
    '',
    '[[registry]]',
    `prefix = ${quoted(registry)}`,
    ...(last
      ? ['# The last mirror stands for the registry, so that nobody else is asked.', ...locationLines(last)]
      : [`location = ${quoted(registry)}`]),
    ...others.flatMap((mirror) => ['', '[[registry.mirror]]', ...locationLines(mirror), ...pullFrom(mirror)]),
  ]
}

function locationLines(mirror: Mirror): string[] {
  const { registry, prefix } = mirror
  return [
    `location = ${quoted(prefix === '' ? registry : `${registry}/${prefix}`)}`,
    ...(isInsecure(mirror) ? ['insecure = true'] : []),
  ]
}

function pullFrom({ setting }: Mirror): string[] {
  const { capabilities } = setting
  if (capabilities?.length !== 1) return []
  return [`pull-from-mirror = ${quoted(capabilities[0] === 'pull' ? 'digest-only' : 'tag-only')}`]
}

function authorities(registries: MirroredRegistry[]): ConfigFile[] {
  return registries
    .flatMap(({ mirrors }) => mirrors)
    .flatMap(({ registry, setting }) =>
      setting.caFile === undefined
        ? []
        : [{ path: `/etc/containers/certs.d/${registry}/ca.crt`, content: { copyOf: setting.caFile } }],
    )
}
