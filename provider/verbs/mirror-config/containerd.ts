import type { Mirror } from '../../registry/mirrors.js'
import { type ConfigFile, type EngineConfig, type MirroredRegistry, nameOf, quoted } from './config-file.js'

const FOLDER = '/etc/containerd/certs.d'

/** containerd's hosts.toml, one for each registry (containerd, docs/hosts.md). */
export function containerdConfig(registries: MirroredRegistry[]): EngineConfig {
  return {
    files: registries.flatMap((one) => [hostsFile(one), ...authorities(one)]),
    limits: [],
    next: [
      'Let config.toml name the folder, under [plugins."io.containerd.grpc.v1.cri".registry] (containerd 1) ' +
        `or [plugins."io.containerd.cri.v1.images".registry] (containerd 2): config_path = "${FOLDER}"`,
      'Restart containerd once after config.toml was changed: systemctl restart containerd. Files below the folder are read anew by themselves.',
      `ctr reads them only with an option: ctr images pull --hosts-dir ${FOLDER} NAME`,
    ],
  }
}

function hostsFile(one: MirroredRegistry): ConfigFile {
  const file = `${folderOf(one.registry)}/hosts.toml`
  // If no server is named, containerd asks the registry itself, so the last mirror is named as the server,
  // and also as a host: containerd 1 refuses a file without one.
  const server = one.upstream ? undefined : one.mirrors.at(-1)
  const lines = [
    `# ${file}`,
    `# Who is asked for images of ${nameOf(one.registry)}, in this order${one.upstream ? ', and then the registry itself' : '; the server is a mirror, so that nobody else is asked'}.`,
    ...(server ? [`server = ${quoted(urlOf(server))}`, ...optionsOf(server)] : upstreamOf(one.registry)),
    ...one.mirrors.flatMap((mirror) => [
      '',
      `[host.${quoted(urlOf(mirror))}]`,
      ...optionsOf(mirror).map((line) => `  ${line}`),
    ]),
  ]
  return { path: file, content: { text: `${lines.join('\n')}\n` } }
}

function upstreamOf(registry: string): string[] {
  if (registry === '*') return []
  return [`server = ${quoted(`https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`)}`]
}

function urlOf({ origin, prefix }: Mirror): string {
  return prefix === '' ? origin.origin : `${origin.origin}/v2/${prefix}`
}

function optionsOf(mirror: Mirror): string[] {
  const { capabilities = ['pull', 'resolve'], caFile, skipVerify } = mirror.setting
  return [
    `capabilities = [${capabilities.map(quoted).join(', ')}]`,
    // The full path, with /v2 before the prefix.
    ...(mirror.prefix === '' ? [] : ['override_path = true']),
    ...(caFile === undefined ? [] : [`ca = ${quoted(authorityName(mirror))}`]),
    ...(skipVerify ? ['skip_verify = true'] : []),
  ]
}

function authorities(one: MirroredRegistry): ConfigFile[] {
  return one.mirrors.flatMap((mirror) => {
    const { caFile } = mirror.setting
    const path = `${folderOf(one.registry)}/${authorityName(mirror)}`
    return caFile === undefined ? [] : [{ path, content: { copyOf: caFile } }]
  })
}

function authorityName({ registry }: Mirror): string {
  return `${withoutColon(registry)}.crt`
}

function folderOf(registry: string): string {
  return `${FOLDER}/${registry === '*' ? '_default' : withoutColon(registry)}`
}

/** containerd looks for `host_port_` before `host:port`, as file names on Windows cannot have a colon. */
function withoutColon(host: string): string {
  return host.replace(/:([0-9]+)$/, '_$1_')
}
